/** Quality beside speed: what is compared, what is not yet, and that the words say what the numbers do. */
import { describe, expect, it } from 'vitest';
import { compare, isBehind, readingOf } from '../../src/state/saves/quality-points.ts';
import { change, method, nameOf, notComparable, unsteady, verdict } from '../../src/ui/quality/quality-words.ts';
import { qualityOf, qualityPoint, reading } from '../ui/comparisons.ts';

const POINTS = [
  qualityPoint('moe', 1, 2.1, 2.5),
  qualityPoint('moe', 2, 1.7, 3),
  qualityPoint('dense-active', null, 1.8, 2),
  qualityPoint('dense-total', null, 2.4, 6, { tokensSeen: 120 }),
];

describe('a comparison', () => {
  it('takes the MoE as it was trained, and the text that is wanted', () => {
    const found = compare(POINTS, 'dense-active', 'held-out');
    expect(found).toMatchObject({ k: 2, loss: { moe: 1.7, twin: 1.8 }, timesOverlap: false });
    expect(compare(POINTS, 'dense-active', 'code')?.loss).toEqual({ moe: 2.7, twin: 2.8 });
    expect(compare(POINTS, 'dense-active', 'pasted')).toBeNull();
  });

  it('is not made with a model that has seen less, nor without one of the two', () => {
    expect(compare(POINTS, 'dense-total', 'held-out')).toBeNull();
    expect(compare(POINTS.slice(0, 2), 'dense-active', 'held-out')).toBeNull();
    expect(compare(POINTS.slice(2), 'dense-active', 'held-out')).toBeNull();
    expect(isBehind(970, 1000)).toBe(true);
    expect(isBehind(990, 1000)).toBe(false);
  });

  it('says when the times are within their spreads', () => {
    const close = [POINTS[1], qualityPoint('dense-active', null, 1.8, 2.9, { spread: 0.01 })];
    expect(compare(close, 'dense-active', 'held-out')?.timesOverlap).toBe(true);
    expect(verdict(compare(close, 'dense-active', 'held-out')!)).toContain(
      'a token takes the MoE 3.00\u00a0ms, within the spread of the twin’s 2.90\u00a0ms',
    );
  });
});

describe('the words', () => {
  it('name baseline and batch in the sentence with the numbers, whichever way they came out', () => {
    expect(verdict(compare(POINTS, 'dense-active', 'held-out')!)).toBe(
      'With k = 2 the MoE needs 1.700 bits per byte, the dense model of the same active size 1.800 (5.6\u00a0% less for the MoE); ' +
        'writing one text, a token takes the MoE 3.00\u00a0ms and the twin 2.00\u00a0ms (50.0\u00a0% more for the MoE).',
    );
    const other = [qualityPoint('moe', 2, 2, 1), qualityPoint('dense-total', null, 1, 4)];
    expect(verdict(compare(other, 'dense-total', 'held-out')!)).toMatch(
      /same total size.*\(100\.0\u00a0% more for the MoE\).*\(75\.0\u00a0% less for the MoE\)/,
    );
    expect(change(1, 1.0001)).toBe('the same');
  });

  it('say from the tokens seen what is not comparable yet', () => {
    const seen = POINTS.slice(1).map((each) => ({ name: nameOf(each), tokensSeen: each.tokensSeen }));
    expect(notComparable(seen)).toBe('Not comparable yet: “dense, same total” has seen 120 of 1\u00a0thousand tokens.');
    expect(notComparable(seen.slice(0, 2))).toBeNull();
    expect(notComparable([])).toBeNull();
  });

  it('say how it was measured, what was thrown away and what spread too far', () => {
    const said = method({ ...qualityOf(POINTS), discarded: 1 });
    expect(said).toContain('a GPU');
    expect(said).toContain('n = 5 samples of 32 tokens');
    expect(said).toContain('1 sample was thrown away');
    expect(method(qualityOf(POINTS))).not.toContain('thrown away');
    expect(unsteady(POINTS)).toBeNull();
    const shaken = { ...POINTS[0], time: { ...POINTS[0].time!, unsteady: true } };
    expect(unsteady([shaken, POINTS[2]])).toContain('times of MoE, k = 1 spread');
  });

  it('find the reading of a text by its name', () => {
    const own = qualityPoint('moe', 2, 1, 1, { pasted: reading('pasted', 9) });
    expect(readingOf(own, 'pasted')?.bitsPerByte).toBe(9);
    expect(readingOf(own, 'verse')?.bitsPerByte).toBe(0);
    expect(readingOf(own, 'held-out')?.bitsPerByte).toBe(1);
    expect(readingOf(own, 'nothing')).toBeNull();
  });
});
