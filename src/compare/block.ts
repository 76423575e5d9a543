/**
 * This model's MoE block against its dense twins on the visitor's GPU: the same kernels, the same weights in the same
 * format, so that a difference in time is a difference in work. Times are of whole blocks (norm, router and combine
 * included), averaged over the layers, in rounds whose order turns so that drift hits all alike.
 */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { encode } from '../gpu/dispatch.ts';
import type { ModelConfig } from '../model/types.ts';
import { type Candidate, prepare } from './candidates.ts';
import { type BlockKind, blockCost } from './costModel.ts';
import { createStopwatch, interleave } from './sampler.ts';
import { scale } from './timing.ts';
import { bytesPerWeight } from './twins.ts';
import type { BlockComparison } from './types.ts';

const KINDS: readonly BlockKind[] = ['moe', 'same-active', 'same-total', 'all-on'];

/**
 * @param tokens per step; 1 is decode.
 * @throws UserError out-of-memory, device-lost, wrong-results, no-clock; the signal's reason when aborted.
 */
export async function compareBlock(
  engine: WebGpuEngine,
  tokens: number,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<BlockComparison> {
  const { config, weights } = engine.model;
  const candidates: Candidate[] = [];
  const watch = createStopwatch(engine.gpu.device, (coming) => engine.arrival(coming));
  try {
    for (const kind of KINDS.filter((each) => isPossible(each, config))) {
      candidates.push(await prepare(engine, kind, tokens));
      signal?.throwIfAborted();
    }
    // One repetition goes through every layer; different inputs take turns.
    const works = candidates.map(({ inputs }) => ({
      encode: (pass: GPUComputePassEncoder, i: number) => encode(pass, inputs[i % inputs.length], tokens),
    }));
    const timings = await interleave(watch, works, { onProgress, signal });
    const repeats = timings.map((timing) => timing.repeats * config.layers);
    const { type } = weights.layers[0].gate;
    return {
      info: engine.info,
      tokens,
      rows: candidates.map(({ kind }, i) => ({
        kind,
        time: scale(timings[i].time, 1 / (config.layers * tokens)),
        ...blockCost(kind, config, tokens, bytesPerWeight(type)),
      })),
      method: {
        clock: watch.clock,
        repeats: [Math.min(...repeats), Math.max(...repeats)],
        weights: type,
        layers: config.layers,
      },
    };
  } finally {
    for (const candidate of candidates) candidate.destroy();
    watch.destroy();
  }
}

/** A dense model has but one shape. */
const isPossible = (kind: BlockKind, { experts }: ModelConfig): boolean => experts > 1 || kind === 'same-total';
