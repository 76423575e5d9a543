/** Making, joining and cutting trace batches; both engines and the worker use it. */
import { CANDIDATES, NOT_SAMPLED, type TraceBatch } from './types.ts';

export interface TraceShape {
  readonly layers: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

/** A batch for these tokens with nothing filled in and nothing drawn. */
export function emptyBatch(shape: TraceShape, position: number, tokens: Uint32Array): TraceBatch {
  const count = tokens.length;
  const rows = count * shape.layers;
  return {
    position,
    count,
    tokens,
    sampled: new Uint32Array(count).fill(NOT_SAMPLED),
    expertIds: new Uint16Array(rows * shape.expertsPerToken),
    gateWeights: new Float32Array(rows * shape.expertsPerToken),
    probabilities: new Float32Array(rows * shape.experts),
    candidateIds: new Uint32Array(count * CANDIDATES),
    candidateProbabilities: new Float32Array(count * CANDIDATES),
  };
}

/** Joins batches that follow each other. At least one. */
export function concatBatches(shape: TraceShape, batches: readonly TraceBatch[]): TraceBatch {
  if (batches.length === 1) return batches[0];
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const joined = emptyBatch(shape, batches[0].position, new Uint32Array(count));
  let at = 0;
  for (const batch of batches) {
    for (const [field, perToken] of rowSizes(shape)) {
      joined[field].set(batch[field] as never, at * perToken);
    }
    at += batch.count;
  }
  return joined;
}

/** Positions [start, end) of a batch, counted from its first. */
export function sliceBatch(shape: TraceShape, batch: TraceBatch, start: number, end: number): TraceBatch {
  const slice = emptyBatch(shape, batch.position + start, new Uint32Array(end - start));
  for (const [field, perToken] of rowSizes(shape)) {
    slice[field].set(batch[field].subarray(start * perToken, end * perToken) as never);
  }
  return slice;
}

type Field = Exclude<keyof TraceBatch, 'position' | 'count'>;

function rowSizes({ layers, experts, expertsPerToken }: TraceShape): [Field, number][] {
  return [
    ['tokens', 1],
    ['sampled', 1],
    ['expertIds', layers * expertsPerToken],
    ['gateWeights', layers * expertsPerToken],
    ['probabilities', layers * experts],
    ['candidateIds', CANDIDATES],
    ['candidateProbabilities', CANDIDATES],
  ];
}
