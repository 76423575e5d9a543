/** Numbers as the page prints them. */
import { describe, expect, it } from 'vitest';
import { time } from '../../src/ui/format.ts';

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
