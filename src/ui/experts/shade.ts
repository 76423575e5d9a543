/** How dark a cell of a table of shares is, so that its figure can be read on it. */

/**
 * @param ramp from nothing (0) to the most (1)
 * @returns the share of the ramp's end in the cell's colour, and whether paper is written on it and not ink. In the middle neither
 *   could be read: it is passed over.
 */
export function shadeOf(ramp: number): { readonly shade: number; readonly dark: boolean } {
  const dark = ramp > 0.5;
  return { shade: dark ? 0.5 + ramp / 2 : ramp, dark };
}
