/** One MoE layer of a published model at its true size, or a part of it, against its dense twins: random weights and input. */
import { type EngineInfo, UserError } from '../engine/types.ts';
import { uploadBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/types.ts';
import { randomWeights } from '../kernels/randomWeights.ts';
import { random, randomValues } from '../reference/random.ts';
import type { BlockSize } from './blockBuffers.ts';
import type { FfnWeights } from './blockPlan.ts';
import { type Block, guarded, RESIDUAL_SCALE } from './candidates.ts';
import type { LayerStep, LayerTiming, Precision, Slice } from './contract.ts';
import { expectedExpertsTouched } from './costModel.ts';
import type { Limits } from './limits.ts';
import { measureStep } from './measureStep.ts';
import { blockShapeOf, outsideParameters, parametersOf } from './parameters.ts';
import { largestAllowed, PREFILL_TOKENS } from './probe.ts';
import type { PublishedModel } from './published.ts';
import { ROUNDS, SAMPLE_MILLISECONDS } from './sampler.ts';
import { buffersFor, checkSlice, isWhole, wholeLayer } from './slices.ts';
import { bytesPerWeight } from './twins.ts';
import type { WatchedStopwatch } from './visibility.ts';

const EPSILON = 1e-6;
/** Rows that one dispatch of decode's kernels computes at most: four to a workgroup where a row takes all of its lanes. */
const MOST_ROWS = 4 * 65_535;

export interface LayerOptions {
  readonly gpu: Gpu;
  readonly info: EngineInfo;
  readonly precision: Precision;
  readonly slice?: Slice;
  readonly prefillTokens?: number;
  readonly watch: WatchedStopwatch;
  readonly limits: Limits;
  readonly rounds?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** The device was lost after something had been measured: told, instead of losing that too. */
  readonly onLoss?: (cause: UserError) => Promise<void>;
}

/** @throws UserError bad-input, out-of-memory, device-lost, no-clock; the signal's reason when aborted. */
export async function timeLayer(model: PublishedModel, options: LayerOptions): Promise<LayerTiming> {
  const { gpu, info, precision, prefillTokens = PREFILL_TOKENS, watch, limits, rounds = ROUNDS, signal } = options;
  const slice = options.slice ?? wholeLayer(model);
  checkSlice(model, slice);
  checkSize(gpu, model, slice, precision, prefillTokens);
  const shape = blockShapeOf({ ...model, ...slice });
  const onProgress = (share: number) => options.onProgress?.(100 * share, 100);
  const loaded = await loadLayer(gpu, model, slice, precision);
  // Many tokens on all experts would take more memory than the layer itself.
  const blocksFor = (tokens: number) => loaded.blocks.filter(({ kind }) => tokens === 1 || kind !== 'all-on');
  const time = async (tokens: number, from: number): Promise<LayerStep> => ({
    tokens,
    ...(await measureStep(blocksFor(tokens), tokens, {
      ...{ gpu, watch, limits, shape, rounds, signal },
      bytesPerWeight: bytesPerWeight(precision),
      onProgress: (share) => onProgress(from + 0.45 * share),
    })),
    touched: {
      predicted: expectedExpertsTouched(shape.experts, shape.expertsPerToken, tokens),
      measured: null,
      windows: 0,
    },
  });
  try {
    onProgress(0.1);
    const decode = await time(1, 0.1);
    const { step: prefill, lost } = await kept(() => time(prefillTokens, 0.55), options);
    onProgress(1);
    const whole = isWhole(model, slice);
    return {
      ...{ info, id: model.id, name: model.name, precision, shape, decode, prefill, lost, limits },
      slice: whole ? null : slice,
      wholeModel: whole ? wholeModel(model, decode, precision, limits) : null,
      method: {
        clock: watch.clock,
        ...{ rounds, sampleMilliseconds: SAMPLE_MILLISECONDS, weights: precision, layers: 1 },
        discarded: watch.discarded,
      },
    };
  } finally {
    loaded.destroy();
  }
}

/** What was measured before is kept, whatever happens to the GPU now. */
async function kept(
  job: () => Promise<LayerStep>,
  { onLoss }: LayerOptions,
): Promise<{ step: LayerStep | null; lost: string | null }> {
  try {
    return { step: await job(), lost: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.code === 'out-of-memory') return { step: null, lost: error.message };
    if (!onLoss || (error.code !== 'device-lost' && error.code !== 'wrong-results')) throw error;
    await onLoss(error);
    return { step: null, lost: error.message };
  }
}

/** @throws UserError out-of-memory: said before anything is allocated. */
function checkSize(gpu: Gpu, model: PublishedModel, slice: Slice, precision: Precision, tokens: number): void {
  if (!(Number.isInteger(tokens) && tokens >= 2 && tokens <= 512)) {
    throw new UserError('bad-input', `A prefill takes from 2 to 512 tokens here, not ${tokens}.`);
  }
  const largest = Math.max(...buffersFor(model, slice, precision, tokens));
  if (largest <= largestAllowed(gpu.device.limits)) return;
  throw new UserError(
    'out-of-memory',
    'This layer does not fit here: one of its buffers is too large.',
    'Take a slice.',
  );
}

function wholeModel(model: PublishedModel, decode: LayerStep, precision: Precision, { read }: Limits) {
  const bytes = bytesPerWeight(precision);
  const moeLayers = model.layers - model.denseLayers;
  const otherBytes = outsideParameters(model) * bytes;
  const layer = decode.rows.find(({ kind }) => kind === 'moe')?.time.median ?? 0;
  return {
    milliseconds: moeLayers * layer + (1000 * otherBytes) / read.rate,
    ...{ moeLayers, otherBytes },
    bytesNeeded: parametersOf(model).total * bytes,
  };
}

/** The MoE and its twins on the GPU. @throws UserError out-of-memory */
export function loadLayer(gpu: Gpu, model: PublishedModel, slice: Slice, type: Precision) {
  const { width, expertsPerToken: k, shared, routing, activation } = model;
  const { experts, expertHidden: hidden } = slice;
  const sharedHidden = shared?.hidden ?? 0;
  const size: BlockSize = {
    ...{ width, hidden, experts, k, rule: routing, activation, sharedHidden },
    ...{ epsilon: EPSILON, scale: RESIDUAL_SCALE, slabs: 1 },
    biases: {
      logits: biases(routing.logitBias, experts, 1),
      selection: biases(routing.selectionBias, experts, 2),
    },
  };
  const dense = (units: number, beside: number): BlockSize => ({
    ...{ ...size, experts: 1, k: 1, hidden: units, sharedHidden: beside, biases: undefined },
    slabs: slabsFor(units),
  });
  return guarded(gpu, async (owned, gpu): Promise<{ blocks: readonly Block[] }> => {
    const own = (values: Float32Array) => {
      const buffer = uploadBuffer(gpu.device, 'vector', values);
      owned.push(buffer);
      return buffer;
    };
    const ffn = async (of: number, units: number, seed: number): Promise<FfnWeights> => {
      const matrix = async (columns: number, rows: number, salt: number) => {
        const made = await randomWeights(gpu, { type, columns, rows, experts: of }, seed + salt);
        owned.push(made.buffer);
        return made;
      };
      return { gateUp: await matrix(width, 2 * units, 0), down: await matrix(units, width, 1) };
    };
    const vector = (count: number, seed: number) =>
      own(randomValues(count, random(seed)).map((value) => (value * Math.sqrt(3)) / Math.sqrt(width)));
    const norm = own(new Float32Array(width).fill(1));
    const routed = await ffn(experts, hidden, 10);
    const beside = shared && { ...(await ffn(1, sharedHidden, 20)), gate: shared.gated ? vector(width, 4) : null };
    const active = await ffn(1, k * hidden + sharedHidden, 30);
    const router = vector(experts * width, 3);
    const one = (kind: Block['kind'], blockSize: BlockSize, weights: Block['layers'][number]): Block => ({
      ...{ kind, size: blockSize, layers: [weights] },
      destroy: () => {},
    });
    return {
      blocks: [
        one('moe', size, { ...routed, norm, router, shared: beside }),
        one('same-active', dense(k * hidden + sharedHidden, 0), { ...active, norm, router: null, shared: null }),
        // The very bytes of the experts as one wide FFN: they need no second place in memory.
        one('same-total', dense(experts * hidden, sharedHidden), {
          ...{ gateUp: { ...routed.gateUp, rows: 2 * experts * hidden, experts: 1 }, norm, router: null },
          ...{ down: { ...routed.down, columns: experts * hidden, experts: 1 } },
          shared: beside && { ...beside, gate: null },
        }),
        one(
          'all-on',
          { ...size, k: experts, rule: { ...routing, groups: null } },
          { ...routed, norm, router, shared: beside },
        ),
      ],
    };
  });
}

const biases = (wanted: boolean, experts: number, seed: number): Float32Array =>
  wanted ? randomValues(experts, random(seed)).map((value) => value / 16) : new Float32Array(experts);

/** The fewest slabs of whole quantised blocks that keep a dispatch within its workgroups. */
function slabsFor(units: number): number {
  let slabs = 1;
  while ((2 * units) / slabs > MOST_ROWS && (units / slabs / 2) % 32 === 0) slabs *= 2;
  return slabs;
}
