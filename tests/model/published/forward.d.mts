import type { PublishedModel } from './archs.mjs';

export function forward(
  model: PublishedModel,
  ids: readonly number[],
  how?: { readonly exactGelu?: boolean },
): { logits: Float64Array[]; routes: { layer: number; top: number[]; w: number[] }[] };
