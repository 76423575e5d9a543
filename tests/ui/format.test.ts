/** Numbers as the page prints them. */
import { describe, expect, it } from 'vitest';
import { END_OF_TEXT } from '../../src/engine/types.ts';
import { plusMinus, spoken, time, visible } from '../../src/ui/kit/format.ts';

describe('a time', () => {
  it.each([
    [0.0123, '12.3 µs'],
    [0.5, '500 µs'],
    [3.456, '3.46 ms'],
    [94.84, '94.8 ms'],
    [1645.1, '1.65 s'],
    [18387, '18.4 s'],
  ])('of %f ms is printed with three figures or so, as %s', (milliseconds, printed) => {
    expect(time(milliseconds)).toBe(printed);
  });
});

describe('an error', () => {
  it.each([
    [2, 0.5, '± 25 %'],
    [2, 0.019, '± 0.9 %'],
    [100, 9.96, '± 10 %'],
    [3, 0, '± 0 %'],
    [-4, 1, '± 25 %'],
  ])('of %f by %f is told as its share, %s', (value, spread, printed) => {
    expect(plusMinus(value, spread)).toBe(printed);
  });
});

describe('a token', () => {
  it('that ends the text is called that, and not a part of a character', () => {
    expect([visible(END_OF_TEXT), spoken(END_OF_TEXT)]).toEqual(['end of text', 'end of text']);
    expect(visible('')).toBe('(part of a character)');
  });
});
