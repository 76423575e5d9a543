/** Figures on shaded cells can be read, whatever their share: WCAG 2's contrast of 4.5, computed from the palette. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shadeOf } from '../../src/ui/experts/shade.ts';

type Oklch = readonly [lightness: number, chroma: number, hue: number];

/** Relative luminance of a colour. https://www.w3.org/TR/css-color-4/#color-conversion-code */
function luminance([lightness, chroma, hue]: Oklch): number {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  const clipped = (value: number) => Math.min(1, Math.max(0, value));
  return 0.2126 * clipped(red) + 0.7152 * clipped(green) + 0.0722 * clipped(blue);
}
const contrast = (one: Oklch, other: Oklch) => {
  const [low, high] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

const css = readFileSync('src/ui/page/palette.css', 'utf8');
/** Of the palette as it is, and of the one for who asks for more contrast; light and dark. */
function colours(name: string): Oklch[] {
  const number = String.raw`([\d.]+)`;
  const colour = String.raw`oklch\(${number} ${number} ${number}\)`;
  const found = css.matchAll(new RegExp(String.raw`--${name}: light-dark\(${colour}, ${colour}\)`, 'g'));
  return [...found].flatMap(([, ...values]) => {
    const [l, c, h, ...dark] = values.map(Number);
    return [[l, c, h], dark as unknown as Oklch] as Oklch[];
  });
}

it('is never in the way of its figure', () => {
  const [ink, paper, least, most] = ['ink', 'paper', 'load-0', 'load-1'].map(colours);
  expect([ink, paper, least, most].map(({ length }) => length)).toEqual([4, 4, 4, 4]);
  for (let theme = 0; theme < 4; theme++) {
    for (let step = 0; step <= 200; step++) {
      const { shade, dark } = shadeOf(step / 200);
      const cell = least[theme].map((value, i) => value + shade * (most[theme][i] - value)) as unknown as Oklch;
      expect(contrast(cell, (dark ? paper : ink)[theme]), `${step / 200} in theme ${theme}`).toBeGreaterThan(4.5);
    }
  }
});
