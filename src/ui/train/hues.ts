/** Colours of territories: as many as there are experts, neighbours apart in hue and in lightness. */

const GOLDEN_ANGLE = 137.508;

/** Red, green and blue from 0 to 255. */
export function territoryColour(expert: number): readonly [number, number, number] {
  const hue = ((expert * GOLDEN_ANGLE + 25) * Math.PI) / 180;
  const lightness = [0.62, 0.78, 0.5][expert % 3];
  return fromOklab(lightness, 0.125 * Math.cos(hue), 0.125 * Math.sin(hue));
}

/** Björn Ottosson's OKLab to sRGB. */
function fromOklab(L: number, a: number, b: number): [number, number, number] {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const [red, green, blue] = linear.map((value) => {
    const v = Math.max(0, Math.min(1, value));
    return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  });
  return [red, green, blue];
}
