/** The build takes blanks out of style sheets, but not out of the words that they print. */
import { expect, it } from 'vitest';
import { compact } from '../../scripts/vitePlugins.ts';

it('compacts a style sheet, and leaves what stands in quotes', () => {
  const css = `
    /* Doesn't matter. */
    .a, .b { color: red; }
    .a::after { content: ', upper: line'; background: url("data:image/svg+xml,<svg d='M1 2, 3'/>") ; }`;
  expect(compact(css)).toBe(
    ` .a,.b{color:red}.a::after{content:', upper: line';background:url("data:image/svg+xml,<svg d='M1 2, 3'/>")}`,
  );
});
