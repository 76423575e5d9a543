/** What a search has found on an adapter holds for that adapter, this browser and the candidates there were. */
import type { NamedGpu } from '../engine/webgpu/adapter.ts';
import { candidatesKey, knownTuning } from '../gpu/tuning.ts';
import type { Tuning } from '../gpu/types.ts';

/** Tunings by their key, as the page remembers them: nothing says that they are whole. */
export type Tuned = Readonly<Record<string, unknown>>;

const keyOf = (id: string, features: ReadonlySet<string>) => [id, browser(), candidatesKey(features)].join('|');

export const tuningKey = ({ id, gpu }: NamedGpu): string => keyOf(id, gpu.device.features);

/** Picks what was found on the adapter at hand. */
export const tunedBy =
  (tuned: Tuned) =>
  (id: string, features: ReadonlySet<string>): Partial<Tuning> =>
    knownTuning(tuned[keyOf(id, features)], features);

/** Name and major version: a new one compiles differently. Empty outside a browser. */
function browser(): string {
  return globalThis.navigator?.userAgent?.match(/(Chrome|Firefox|Version)\/\d+/)?.[0] ?? '';
}
