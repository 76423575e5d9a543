/** Making, joining and cutting trace batches; both engines and the worker use it. */
import { CANDIDATES, NO_EXPERT, NOT_SAMPLED, type TraceBatch } from './types.ts';

export interface TraceShape {
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

/** A batch for these tokens with no expert chosen and nothing drawn. */
export function emptyBatch(
  shape: TraceShape,
  position: number,
  tokens: Uint32Array,
  slots = shape.expertsPerToken,
): TraceBatch {
  const count = tokens.length;
  const rows = count * shape.layers;
  return {
    position,
    count,
    slots,
    tokens,
    revisions: new Uint32Array(count),
    sampled: new Uint32Array(count).fill(NOT_SAMPLED),
    expertIds: new Uint16Array(rows * slots).fill(NO_EXPERT),
    gateWeights: new Float32Array(rows * slots),
    probabilities: new Float32Array(rows * shape.experts),
    candidateIds: new Uint32Array(count * CANDIDATES),
    candidateProbabilities: new Float32Array(count * CANDIDATES),
  };
}

/** The routing of a run, [T, L, S] as in TraceBatch. */
export type Routed = Pick<TraceBatch, 'slots' | 'expertIds' | 'gateWeights'>;

/** The same with room for more experts per token. */
function widen<T extends Routed>(routed: T, slots: number): T {
  if (routed.slots === slots) return routed;
  const rows = routed.expertIds.length / routed.slots;
  const expertIds = new Uint16Array(rows * slots).fill(NO_EXPERT);
  const gateWeights = new Float32Array(rows * slots);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * routed.slots, (row + 1) * routed.slots];
    expertIds.set(routed.expertIds.subarray(from, to), row * slots);
    gateWeights.set(routed.gateWeights.subarray(from, to), row * slots);
  }
  return { ...routed, slots, expertIds, gateWeights };
}

/** The routing of positions that follow each other, with as many slots as the widest has. At least one part. */
export function joinRouted(parts: readonly Routed[]): Routed {
  const slots = Math.max(...parts.map((part) => part.slots));
  const size = parts.reduce((sum, part) => sum + (part.expertIds.length / part.slots) * slots, 0);
  const joined = { slots, expertIds: new Uint16Array(size), gateWeights: new Float32Array(size) };
  let at = 0;
  for (const { expertIds, gateWeights } of parts.map((part) => widen(part, slots))) {
    joined.expertIds.set(expertIds, at);
    joined.gateWeights.set(gateWeights, at);
    at += expertIds.length;
  }
  return joined;
}

/** Joins batches that follow each other, with as many slots as the widest has. At least one. */
export function concatBatches(shape: TraceShape, batches: readonly TraceBatch[]): TraceBatch {
  if (batches.length === 1) return batches[0];
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const slots = Math.max(...batches.map((batch) => batch.slots));
  const joined = emptyBatch(shape, batches[0].position, new Uint32Array(count), slots);
  let at = 0;
  for (const batch of batches.map((each) => widen(each, slots))) {
    for (const [field, perToken] of rowSizes(shape, slots)) {
      joined[field].set(batch[field] as never, at * perToken);
    }
    at += batch.count;
  }
  return joined;
}

/** Positions [start, end) of a batch, counted from its first. */
export function sliceBatch(shape: TraceShape, batch: TraceBatch, start: number, end: number): TraceBatch {
  const slice = emptyBatch(shape, batch.position + start, new Uint32Array(end - start), batch.slots);
  for (const [field, perToken] of rowSizes(shape, batch.slots)) {
    slice[field].set(batch[field].subarray(start * perToken, end * perToken) as never);
  }
  return slice;
}

type Field = Exclude<keyof TraceBatch, 'position' | 'count' | 'slots'>;

function rowSizes({ layers, experts }: TraceShape, slots: number): [Field, number][] {
  return [
    ['tokens', 1],
    ['revisions', 1],
    ['sampled', 1],
    ['expertIds', layers * slots],
    ['gateWeights', layers * slots],
    ['probabilities', layers * experts],
    ['candidateIds', CANDIDATES],
    ['candidateProbabilities', CANDIDATES],
  ];
}
