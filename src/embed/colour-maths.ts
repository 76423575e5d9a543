/** Colours as numbers: what lies over what, and whether it can be read there. */

/** Red, green, blue from 0 to 255, and opacity from 0 to 1. */
export type Rgba = readonly [number, number, number, number];

export const white: Rgba = [255, 255, 255, 1];
export const black: Rgba = [0, 0, 0, 1];

/** `upper` as it looks over the opaque `lower`. */
export function over(upper: Rgba, lower: Rgba): Rgba {
  const mix = (at: 0 | 1 | 2) => upper[at] * upper[3] + lower[at] * (1 - upper[3]);
  return [mix(0), mix(1), mix(2), 1];
}

/** Relative luminance as WCAG 2 defines it. */
function luminance([red, green, blue]: Rgba): number {
  const linear = (value: number) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio as WCAG 2 defines it, of two opaque colours. */
export function contrast(one: Rgba, other: Rgba): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

export const isLighter = (one: Rgba, other: Rgba): boolean => luminance(one) > luminance(other);

export function mean(colours: readonly Rgba[]): Rgba {
  const of = (at: 0 | 1 | 2 | 3) => colours.reduce((sum, colour) => sum + colour[at], 0) / colours.length;
  return [of(0), of(1), of(2), of(3)];
}

export const css = ([red, green, blue, alpha]: Rgba): string =>
  `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)} / ${alpha})`;

/** What small text needs, by WCAG 2. */
const READABLE = 4.5;

export interface Pair {
  readonly paper: Rgba;
  readonly ink: Rgba;
  /** The paper has to be laid under the text: what is there would not do, or nobody knows what is there. */
  readonly painted: boolean;
  /** How much of the ink is in what is printed in a softer one, in per cent. */
  readonly soft: number;
}

const SOFT = [76, 84, 92];

/**
 * Paper and ink that can be read on each other.
 * @param papers what may be behind the text: one colour, or the ends of a gradient
 * @param known the one paper is certain; else the ink tells better what can be read there
 */
export function legible(papers: readonly Rgba[], ink: Rgba, known: boolean): Pair {
  const paper = mean(papers);
  const on = (under: Rgba) => contrast(over(ink, under), under);
  if ([paper, ...papers].every((under) => on(under) >= READABLE))
    return { paper, ink, painted: false, soft: softer(paper, ink) };
  const full = over(ink, paper);
  const instead: [Rgba, Rgba] = known
    ? [paper, contrast(white, paper) > contrast(black, paper) ? white : black]
    : contrast(full, white) > contrast(full, black)
      ? [white, full]
      : [black, full];
  return { paper: instead[0], ink: instead[1], painted: true, soft: softer(...instead) };
}

function softer(paper: Rgba, ink: Rgba): number {
  const mixed = (share: number) => over([ink[0], ink[1], ink[2], (ink[3] * share) / 100], paper);
  return SOFT.find((share) => contrast(mixed(share), paper) >= READABLE + 0.2) ?? 100;
}
