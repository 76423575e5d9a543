/**
 * This model's MoE block against its dense twins on the visitor's GPU: the same kernels, the same weights in the same
 * format, so that a difference in time is a difference in work. Times are of whole blocks (norm, router and combine
 * included), averaged over the layers, in rounds whose order turns so that drift hits all alike.
 */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import type { ModelConfig } from '../model/types.ts';
import { type Block, type Candidate, loadBlock, planCandidate } from './candidates.ts';
import { BLOCK_KINDS, type BlockKind, blockCost } from './costModel.ts';
import { createStopwatch, interleave } from './sampler.ts';
import { scale } from './timing.ts';
import { bytesPerWeight } from './twins.ts';
import type { BlockComparison } from './types.ts';

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
  const { gpu, model } = engine;
  const { config, weights } = model;
  const layers = config.layers - config.denseLayers;
  const blocks: Block[] = [];
  const candidates: Candidate[] = [];
  const watch = createStopwatch(gpu.device, (coming) => engine.arrival(coming));
  try {
    for (const kind of BLOCK_KINDS.filter((each) => isPossible(each, config))) {
      const block = await loadBlock(engine, kind, layers);
      blocks.push(block);
      candidates.push(await planCandidate(gpu, block, tokens, tokens <= gpu.tuning.few ? 'few' : 'many'));
      signal?.throwIfAborted();
    }
    const works = candidates.map(({ work }) => work);
    const timings = await interleave(watch, works, { onProgress, signal });
    const repeats = timings.map((timing) => timing.repeats * layers);
    const { type } = weights.layers[config.denseLayers].gate;
    return {
      info: engine.info,
      tokens,
      rows: candidates.map(({ kind }, i) => ({
        kind,
        time: scale(timings[i].time, 1 / (layers * tokens)),
        ...blockCost(kind, config, tokens, bytesPerWeight(type)),
      })),
      method: {
        clock: watch.clock,
        repeats: [Math.min(...repeats), Math.max(...repeats)],
        weights: type,
        layers,
      },
    };
  } finally {
    for (const { destroy } of [...candidates, ...blocks]) destroy();
    watch.destroy();
  }
}

/** A dense model has but one shape. */
const isPossible = (kind: BlockKind, { experts }: ModelConfig): boolean => experts > 1 || kind === 'same-total';
