/** What the MoE saves here, as it was measured: parts of a sweep joined into one. */
import { crossings } from '../../compare/crossings.ts';
import type { Sweep, SweepPoint } from '../../worker/protocol.ts';
import type { Stamp } from '../session/stamp.ts';

/** Tokens per step that decode: a few texts, written side by side. */
export const DECODE: readonly number[] = [1, 2, 4, 8];
/** And those that read a prompt. */
const PREFILL: readonly number[] = [16, 32, 64, 128, 256, 512];
export const BATCHES: readonly number[] = [...DECODE, ...PREFILL];

/** How far a sweep goes. */
export const REACHES = [8, 64, 512] as const;
export type Reach = (typeof REACHES)[number];

export const isDecode = (tokens: number): boolean => tokens <= DECODE[DECODE.length - 1];

/** Decode and prefill are asked for one after the other, so that what is measured stays when the larger steps fail. */
export function partsOf(reach: Reach): (readonly number[])[] {
  const prefill = PREFILL.filter((tokens) => tokens <= reach);
  return prefill.length ? [DECODE, prefill] : [DECODE];
}

export interface Comparison extends Sweep, Stamp {
  readonly model: string;
}

type Origin = Pick<Comparison, 'model' | 'browser' | 'date' | 'lost'>;

/** @param parts at least one; of one machine and model, in the order of their batch sizes. */
export function join(parts: readonly Sweep[], origin: Origin): Comparison {
  const points = parts.flatMap((part) => part.points);
  const last = parts[parts.length - 1];
  return {
    ...last,
    ...origin,
    points,
    crossings: crossings(points),
    method: { ...last.method, discarded: parts.reduce((sum, { method }) => sum + method.discarded, 0) },
  };
}

export const pointAt = (comparison: Comparison | null, tokens: number): SweepPoint | null =>
  comparison?.points.find((point) => point.tokens === tokens) ?? null;
