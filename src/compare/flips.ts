/**
 * How often rounding changes a router's mind: the same forced text in float64 and with one thing kept in fewer bits, and of
 * every (token, layer) whether another set of experts was chosen, beside how near the choice was.
 */
import { createCpuEngine } from '../engine/cpu/engine.ts';
import { type Engine, NO_EXPERT, type TraceBatch, UserError } from '../engine/types.ts';
import type { Model } from '../model/types.ts';
import { requantised } from './requantise.ts';
import type { FlipBucket, FlipCount, FlipRun, Flips } from './types.ts';

/** Upper ends of the margins that are counted together; the first holds whatever is nearer. */
export const MARGINS = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/** The positions of one text under two ways to compute; margins are the first one's. */
export function countFlips(reference: TraceBatch, other: TraceBatch, experts: number): FlipCount {
  const buckets = MARGINS.map((below) => ({ below, decisions: 0, flips: 0 }));
  const chosen = ({ expertIds, slots }: TraceBatch, row: number) =>
    [...expertIds.subarray(row * slots, (row + 1) * slots)].filter((expert) => expert !== NO_EXPERT);
  const rows = reference.probabilities.length / experts;
  for (let row = 0; row < rows; row++) {
    const before = new Set(chosen(reference, row));
    // A layer without a router, or one that leaves nobody out, decides nothing.
    if (before.size === 0 || before.size === experts) continue;
    let [least, most] = [Number.POSITIVE_INFINITY, 0];
    for (let expert = 0; expert < experts; expert++) {
      const p = reference.probabilities[row * experts + expert];
      if (before.has(expert)) least = Math.min(least, p);
      else most = Math.max(most, p);
    }
    const bucket = buckets.find(({ below }) => least - most < below) ?? buckets[buckets.length - 1];
    bucket.decisions++;
    if (chosen(other, row).some((expert) => !before.has(expert))) bucket.flips++;
  }
  return totalOf(buckets);
}

const totalOf = (buckets: readonly FlipBucket[]): FlipCount => ({
  decisions: buckets.reduce((sum, { decisions }) => sum + decisions, 0),
  flips: buckets.reduce((sum, { flips }) => sum + flips, 0),
  buckets,
});

/** Of several texts. */
const together = (counts: readonly FlipCount[]): FlipCount =>
  totalOf(
    MARGINS.map((below, i) => ({
      below,
      decisions: counts.reduce((sum, { buckets }) => sum + buckets[i].decisions, 0),
      flips: counts.reduce((sum, { buckets }) => sum + buckets[i].flips, 0),
    })),
  );

interface Way {
  readonly run: FlipRun['run'];
  readonly engine: () => Engine;
  /** Of the experts' weights. */
  readonly change?: number;
}

const coarser = (model: Model, rounding: 'q8_0' | 'q4_0') => () => {
  const { model: coarse, change } = requantised(model, rounding);
  return { run: rounding, engine: () => createCpuEngine(coarse), change };
};

/** @param device computes the same model as it does anyway, from an empty cache; null where that is the reference itself */
export async function measureFlips(
  model: Model,
  texts: readonly (readonly number[])[],
  device: Engine | null,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Flips> {
  const { config } = model;
  if (config.experts < 2) throw new UserError('bad-input', 'A dense model has no router whose choice could change.');
  if (model.streamed) {
    const message = 'This model is too large to be run in float64 beside itself.';
    throw new UserError('bad-input', message, 'Open a smaller one, such as the one that comes with the page.');
  }
  const ways: (() => Way)[] = [
    () => ({ run: 'f32', engine: () => createCpuEngine(model, { activations: 'f32' }) }),
    () => ({ run: 'f16 cache', engine: () => createCpuEngine(model, { cache: 'f16' }) }),
    coarser(model, 'q8_0'),
    coarser(model, 'q4_0'),
    ...(device ? [(): Way => ({ run: 'device', engine: () => device })] : []),
  ];
  let done = 0;
  const total = (1 + ways.length) * texts.length;
  const readBy = async (engine: Engine) => {
    const traces: TraceBatch[] = [];
    for (const ids of texts) {
      signal.throwIfAborted();
      engine.truncate(0);
      traces.push(await engine.read(ids));
      onProgress(++done, total);
    }
    engine.truncate(0);
    return traces;
  };
  const reference = await readBy(createCpuEngine(model));
  const runs: FlipRun[] = [];
  for (const way of ways) {
    const { run, engine, change = null } = way();
    const traces = await readBy(engine());
    const counts = traces.map((trace, i) => countFlips(reference[i], trace, config.experts));
    runs.push({ run, change, ...together(counts) });
  }
  const types = [
    ...new Set(
      model.weights.layers.flatMap(({ router, gate, up, down }) => (router ? [gate.type, up.type, down.type] : [])),
    ),
  ];
  return { tokens: texts.reduce((sum, { length }) => sum + length, 0), types, runs };
}
