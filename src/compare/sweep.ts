/** The open model's MoE block against its dense twins over batch sizes: one token decodes, many fill a prompt. */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { UserError } from '../model/errors.ts';
import { type Block, loadBlock } from './candidates.ts';
import type { Sweep, SweepPoint } from './contract.ts';
import { BLOCK_KINDS, blockCost } from './costModel.ts';
import { crossings } from './crossings.ts';
import type { Limits } from './limits.ts';
import { measureStep } from './measureStep.ts';
import { ROUNDS, SAMPLE_MILLISECONDS } from './sampler.ts';
import { type Routes, touchedBy } from './touched.ts';
import { bytesPerWeight } from './twins.ts';
import type { WatchedStopwatch } from './visibility.ts';

const MOST_TOKENS = 512;
/** Steps of more tokens go through two layers alone: they take long enough, and touch all weights anyway. */
const SHORT = 32;

export interface SweepOptions {
  readonly tokens: readonly number[];
  readonly limits: Limits;
  /** Of held-out text; empty where there is none. */
  readonly routes: Routes;
  readonly watch: WatchedStopwatch;
  readonly rounds?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** The GPU gave up after something had been measured. True when it is well again, and what was measured is to be kept. */
  readonly onLoss?: (cause: UserError) => Promise<boolean>;
}

/** @throws UserError bad-input, out-of-memory, device-lost, no-clock; the signal's reason when aborted. */
export async function sweep(engine: WebGpuEngine, options: SweepOptions): Promise<Sweep> {
  const { tokens: sizes, limits, routes, watch, rounds = ROUNDS, onProgress = () => {}, signal, onLoss } = options;
  checkSizes(sizes);
  const { gpu, info } = engine;
  const { config, weights } = engine.model;
  const layers = config.layers - config.denseLayers;
  if (config.experts === 1) {
    throw new UserError('bad-input', 'This model is dense: it has no experts to compare.', 'Open the MoE.');
  }
  const { width, expertHidden, experts, expertsPerToken } = config;
  const shape = { width, expertHidden, experts, expertsPerToken };
  const { type } = weights.layers[config.denseLayers].gate;
  const blocks: Block[] = [];
  try {
    for (const kind of BLOCK_KINDS) blocks.push(await loadBlock(engine, kind, layers));
    const points: SweepPoint[] = [];
    const measure = async (tokens: number, i: number) => {
      const taken = blocks.map((block) => ({
        ...block,
        layers: block.layers.slice(0, tokens > SHORT ? 2 : undefined),
      }));
      const timing = await measureStep(taken, tokens, {
        ...{ gpu, watch, limits, shape, rounds, signal },
        bytesPerWeight: bytesPerWeight(type),
        onProgress: (share) => onProgress(100 * (i + share), 100 * sizes.length),
      });
      const touched = touchedBy(routes, shape, tokens);
      points.push({ tokens, ...timing, touched, bytesReadMeasured: readWith(touched.measured, tokens) });
    };
    let lost: string | null = null;
    for (const [i, tokens] of sizes.entries()) {
      try {
        await measure(tokens, i);
      } catch (error) {
        const keep = points.length > 0 && error instanceof UserError && (await onLoss?.(error));
        if (!keep) throw error;
        lost = error.message;
        break;
      }
    }
    onProgress(100 * sizes.length, 100 * sizes.length);
    return {
      info,
      shape,
      limits,
      points,
      crossings: crossings(points),
      lost,
      method: {
        clock: watch.clock,
        rounds,
        sampleMilliseconds: SAMPLE_MILLISECONDS,
        weights: type,
        layers,
        discarded: watch.discarded,
      },
    };
  } finally {
    for (const block of blocks) block.destroy();
  }

  function readWith(touched: number | null, tokens: number): number | null {
    return touched === null ? null : blockCost('moe', shape, tokens, bytesPerWeight(type), touched).bytesRead;
  }
}

/** @throws UserError bad-input */
function checkSizes(sizes: readonly number[]): void {
  const wrong = sizes.find((size, i) => {
    return !Number.isInteger(size) || size < 1 || size > MOST_TOKENS || size <= (sizes[i - 1] ?? 0);
  });
  if (wrong === undefined && sizes.length > 0) return;
  const problem =
    wrong === undefined ? 'There is no batch size to measure' : `A batch of ${wrong} tokens cannot be measured`;
  throw new UserError('bad-input', `${problem}: sizes ascend from 1 to ${MOST_TOKENS}.`);
}
