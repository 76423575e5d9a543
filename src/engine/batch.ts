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

/** The same batch with room for more experts per token. */
export function widenBatch(shape: TraceShape, batch: TraceBatch, slots: number): TraceBatch {
  if (batch.slots === slots) return batch;
  const wide = emptyBatch(shape, batch.position, batch.tokens, slots);
  for (let row = 0; row < batch.count * shape.layers; row++) {
    const [from, to] = [row * batch.slots, (row + 1) * batch.slots];
    wide.expertIds.set(batch.expertIds.subarray(from, to), row * slots);
    wide.gateWeights.set(batch.gateWeights.subarray(from, to), row * slots);
  }
  return { ...batch, slots, expertIds: wide.expertIds, gateWeights: wide.gateWeights };
}

/** Joins batches that follow each other, with as many slots as the widest has. At least one. */
export function concatBatches(shape: TraceShape, batches: readonly TraceBatch[]): TraceBatch {
  if (batches.length === 1) return batches[0];
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const slots = Math.max(...batches.map((batch) => batch.slots));
  const joined = emptyBatch(shape, batches[0].position, new Uint32Array(count), slots);
  let at = 0;
  for (const batch of batches.map((each) => widenBatch(shape, each, slots))) {
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
