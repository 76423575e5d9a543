import { describe, expect, it } from 'vitest';
import { textCost } from '../../src/compare/textCost.ts';

/** 3 layers of 8 experts of 100 weights, 2 per token; 50 weights that every token uses. */
const size = {
  parameters: { total: 50 + 3 * 8 * 100, active: 50 + 3 * 2 * 100 },
  layers: 3,
  experts: 8,
  expertsPerToken: 2,
};

describe('what a text has cost', () => {
  it('is one multiply-add a weight used', () => {
    expect(textCost(size, 10, 3 * 2 * 10)).toEqual({ moe: 6500, 'same-total': 24_500, 'same-active': 6500 });
    expect(textCost(size, 0, 0)).toEqual({ moe: 0, 'same-total': 0, 'same-active': 0 });
  });

  it('follows the experts that were really used, at any k', () => {
    for (const k of [0, 1, 5, 8]) expect(textCost(size, 7, 3 * k * 7).moe).toBe(7 * (50 + 3 * k * 100));
    expect(textCost(size, 7, 3 * 8 * 7).moe).toBe(textCost(size, 7, 0)['same-total']);
    // Other experts for some of the tokens alone.
    expect(textCost(size, 2, 3 * 2 + 3 * 4).moe).toBe(2 * 50 + (6 + 12) * 100);
  });

  it('is the same for all where every expert works', () => {
    const all = { ...size, expertsPerToken: 8, parameters: { total: 2450, active: 2450 } };
    expect(textCost(all, 3, 72)).toEqual({ moe: 7350, 'same-total': 7350, 'same-active': 7350 });
  });
});
