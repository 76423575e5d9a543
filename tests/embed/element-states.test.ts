import { expect, it } from 'vitest';
import { wear } from '../../src/embed/element-states.ts';

/** As Chrome 90 to 124 have it. */
class DashedStates extends Set<string> {
  override add(value: string): this {
    if (!value.startsWith('--')) throw new DOMException(`'${value}' must start with '--'.`, 'SyntaxError');
    return super.add(value);
  }
}

it('states are plain names, dashed ones where the browser wants them, none where it has none', () => {
  const [plain, dashed] = [new Set<string>(['error']), new DashedStates(['--error'])];
  for (const states of [plain, dashed]) wear(states as never, ['live', 'cpu']);
  expect([...plain]).toEqual(['live', 'cpu']);
  expect([...dashed]).toEqual(['--live', '--cpu']);
  expect(() => wear(undefined, ['live'])).not.toThrow();
});
