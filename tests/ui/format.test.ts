/** Numbers as the page prints them. */
import { describe, expect, it } from 'vitest';
import { END_OF_TEXT } from '../../src/engine/types.ts';
import { roughly } from '../../src/state/models/time-left.ts';
import { bytes, million, percent, plusMinus, short, spoken, time, visible } from '../../src/ui/kit/format.ts';
import { plain, rate } from '../../src/ui/saves/words.ts';

describe('a time', () => {
  it.each([
    [0.0123, '12.3\u00a0µs'],
    [0.5, '500\u00a0µs'],
    [3.456, '3.46\u00a0ms'],
    [94.84, '94.8\u00a0ms'],
    [1645.1, '1.65\u00a0s'],
    [18387, '18.4\u00a0s'],
  ])('of %f ms is printed with three figures or so, as %s', (milliseconds, printed) => {
    expect(time(milliseconds)).toBe(printed);
  });
});

describe('an error', () => {
  it.each([
    [2, 0.5, '±\u00a025\u00a0%'],
    [2, 0.019, '±\u00a00.9\u00a0%'],
    [100, 9.96, '±\u00a010\u00a0%'],
    [3, 0, '±\u00a00\u00a0%'],
    [-4, 1, '±\u00a025\u00a0%'],
  ])('of %f by %f is told as its share, %s', (value, spread, printed) => {
    expect(plusMinus(value, spread)).toBe(printed);
  });
});

describe('a figure', () => {
  it('is never parted from its unit by the end of a line, and is plain again in a file', () => {
    const sizes = Array.from({ length: 34 }, (_, i) => 1.7 * 10 ** (i / 2 - 2));
    const printed = sizes.flatMap((size) => [
      ...[percent, bytes, million, short, time, roughly].map((print) => print(size)),
      plusMinus(1, size),
      rate(size, 'B/s'),
    ]);
    expect(printed.filter((words) => words.includes(' '))).toEqual([]);
    expect(new Set(printed.map((words) => words.split('\u00a0').at(-1))).size).toBeGreaterThan(25);
    expect(plain(time(2))).toBe('2.00 ms');
  });
});

describe('a token', () => {
  it('that ends the text is called that, and not a part of a character', () => {
    expect([visible(END_OF_TEXT), spoken(END_OF_TEXT)]).toEqual(['end of text', 'end of text']);
    expect(visible('')).toBe('(part of a character)');
  });
});
