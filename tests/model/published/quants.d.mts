export const TYPES: Record<string, [id: number, values: number, bytes: number]>;
export const DEQUANT: Record<string, (block: Uint8Array) => number[]>;
export function randomOf(
  type: string,
  count: number,
  deviation: number,
  rnd: () => number,
  gauss: () => number,
): { bytes: Uint8Array; values: Float32Array };
