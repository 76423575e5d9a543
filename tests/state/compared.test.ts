import { describe, expect, it } from 'vitest';
import { compared } from '../../src/state/interventions/compared.ts';

const base = [
  { text: 'a', probability: 0.4, drawn: false },
  { text: 'b', probability: 0.3, drawn: false },
  { text: 'c', probability: 0.1, drawn: false },
  { text: 'd', probability: 0.05, drawn: true },
];
const swap = {
  base: base.map(({ text, probability }) => ({ text, probability })),
  swapped: [
    { text: 'z', probability: 0.5 },
    { text: 'b', probability: 0.2 },
  ],
  kl: 0.7,
};

describe('two lists of candidates', () => {
  it('keep the likeliest, and the one that was drawn', () => {
    expect(compared(base, null, 3).map(({ text }) => text)).toEqual(['a', 'b', 'd']);
    expect(compared(base, null, 3).at(-1)).toEqual({
      text: 'd',
      drawn: true,
      base: { value: 0.05, below: false },
      swapped: null,
    });
  });

  it('show what the swap likes best, and bound what is in one list alone', () => {
    const rows = compared(base, swap, 4);
    expect(rows.map(({ text }) => text)).toEqual(['a', 'b', 'd', 'z']);
    expect(rows[0].swapped).toEqual({ value: 0.2, below: true });
    expect(rows[1].swapped).toEqual({ value: 0.2, below: false });
    // Not by the one that stands there only because it was drawn.
    expect(rows[3].base).toEqual({ value: 0.1, below: true });
    expect(rows[3].swapped).toEqual({ value: 0.5, below: false });
  });

  it('bound a drawn token that was too rare for the list', () => {
    const rare = [...base.slice(0, 3), { text: 'q', probability: Number.NaN, drawn: true }];
    expect(compared(rare, null, 3).at(-1)).toMatchObject({ text: 'q', base: { value: 0.1, below: true } });
    expect(compared([], null, 3)).toEqual([]);
  });
});
