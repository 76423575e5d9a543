/** Which tokens are drawn as one shape, and what is set as a program. */
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/state/text/presets.ts';
import { joins, looksLikeCode } from '../../src/ui/text/token-span.ts';

describe('two tokens', () => {
  it.each([
    ['م', 'رحبا', true],
    ['مر', ' حبا', false],
    ['e', '\u0301t', true],
    ['क्', 'ष', true],
    ['👩\u200d', '🚀', true],
    ['no', 'on', false],
    ['', '\u0301', false],
    ['fenêtre', ' et', false],
  ])('“%s” and “%s” are one shape: %s', (before, after, one) => {
    expect(joins(before, after)).toBe(one);
  });
});

describe('a program', () => {
  it('is told from every other kind of text', () => {
    const code = PRESETS.filter(({ prompt }) => looksLikeCode(prompt)).map(({ domain }) => domain);
    expect(code).toEqual(['code']);
    expect(looksLikeCode('def f(x):\n    return x')).toBe(true);
    expect(looksLikeCode('She said: “go”;\nand he went.')).toBe(false);
  });
});
