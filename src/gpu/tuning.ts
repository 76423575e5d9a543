/**
 * What an adapter can be tuned with: two defaults, and for each family of kernels a handful of candidates that a measured
 * search may choose from. The families share no field, so the best of each can be joined: no cross product is searched.
 */
import type { Tuning } from './types.ts';

/** gemv: decode's matrix × vector kernels. gemm: prefill's (grouped) matrix × matrix kernels. attention: attention alone. */
export const FAMILIES = ['gemv', 'gemm', 'attention'] as const;
export type KernelFamily = (typeof FAMILIES)[number];

export interface Candidate {
  /** A few words for a table, unique within its family. */
  readonly name: string;
  /** What the device must have for it. */
  readonly feature?: GPUFeatureName;
  readonly tuning: Partial<Tuning>;
}

/** A GPU likes 16 neighbours reading 16 bytes each; a CPU that plays GPU pays dearly for every barrier. */
const GPU_TUNING: Tuning = {
  ...{ lanes: 16, share: 'memory', gemm: 'staged', attention: 'shared' },
  ...{ workgroups: 'full', few: 4 },
};
const SOFTWARE_TUNING: Tuning = {
  ...{ lanes: 1, share: 'memory', gemm: 'alone', attention: 'alone' },
  ...{ workgroups: 'small', few: 32 },
};

/** What an adapter gets that nobody has measured yet. */
export function defaultTuning(software: boolean, features: ReadonlySet<string>): Tuning {
  if (!software) return GPU_TUNING;
  return features.has('subgroups') ? { ...SOFTWARE_TUNING, share: 'subgroup', gemm: 'quads' } : SOFTWARE_TUNING;
}

/** All that there is, family by family. */
const CANDIDATES: Readonly<Record<KernelFamily, readonly Candidate[]>> = {
  gemv: [
    { name: '16 lanes', tuning: { lanes: 16, share: 'memory' } },
    { name: 'a row each', tuning: { lanes: 1, share: 'memory' } },
    { name: '8 lanes', tuning: { lanes: 8, share: 'memory' } },
    { name: '32 lanes', tuning: { lanes: 32, share: 'memory' } },
    { name: 'a row each, in quads', feature: 'subgroups', tuning: { lanes: 1, share: 'subgroup' } },
    { name: 'up to 32 of a subgroup', feature: 'subgroups', tuning: { lanes: 32, share: 'subgroup' } },
  ],
  gemm: [
    { name: 'staged 4×8', tuning: { gemm: 'staged' } },
    { name: 'alone 16×8', tuning: { gemm: 'alone' } },
    { name: 'quads 16×8', feature: 'subgroups', tuning: { gemm: 'quads' } },
  ],
  attention: [
    { name: 'a workgroup each', tuning: { attention: 'shared' } },
    { name: 'an invocation each', tuning: { attention: 'alone' } },
  ],
};

/** What may be tried on a device with these features. The default of either kind of adapter is always among it. */
export const candidates = (family: KernelFamily, features: ReadonlySet<string>): readonly Candidate[] =>
  CANDIDATES[family].filter(({ feature }) => !feature || features.has(feature));

/** Names the list of candidates: what was found among others does not hold for these. */
export const candidatesKey = (features: ReadonlySet<string>): string =>
  hash(JSON.stringify(FAMILIES.map((family) => candidates(family, features)))).toString(36);

/** Of a tuning that was remembered, the families that are still among the candidates; nothing of what is damaged. */
export function knownTuning(remembered: unknown, features: ReadonlySet<string>): Partial<Tuning> {
  const fields = typeof remembered === 'object' && remembered !== null ? (remembered as Partial<Tuning>) : {};
  const matches = ({ tuning }: Candidate) =>
    Object.entries(tuning).every(([field, value]) => fields[field as keyof Tuning] === value);
  return Object.assign({}, ...FAMILIES.map((family) => candidates(family, features).find(matches)?.tuning));
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state >>> 0;
}
