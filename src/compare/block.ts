/**
 * This model's MoE block against its dense twins on the visitor's GPU: the same kernels, the same weights in the same
 * format, so that a difference in time is a difference in work. Times are of whole blocks (router, plan and combine
 * included), averaged over the layers, interleaved round by round so that drift hits all four alike.
 */

import { createActivations } from '../engine/webgpu/activations.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { ffnFew, ffnMany } from '../engine/webgpu/forwardPass.ts';
import type { GpuLayer } from '../engine/webgpu/weights.ts';
import { createBuffer, PASS_STATE } from '../gpu/buffers.ts';
import { encode } from '../gpu/dispatch.ts';
import { createPassTimer } from '../gpu/timestamps.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { stackRows, uploadWeights } from '../kernels/weights.ts';
import type { ModelConfig } from '../model/types.ts';
import { type BlockKind, blockCost } from './costModel.ts';
import { summarise } from './timing.ts';
import { bytesPerWeight, denseTwin } from './twins.ts';
import type { BlockComparison } from './types.ts';

const KINDS: readonly BlockKind[] = ['moe', 'same-active', 'same-total', 'all-on'];
/** Browsers coarsen the clock to about 0.1 ms: a sample must be long. */
const SAMPLE_MILLISECONDS = 20;
const ROUNDS = 9;
/** What route.wgsl chooses at most. */
const MAX_CHOSEN = 16;

interface Candidate {
  readonly kind: BlockKind;
  /** One block of every layer. */
  readonly dispatches: readonly Dispatch[];
  readonly destroy: () => void;
}

/**
 * @param tokens per step; 1 is decode.
 * @throws the signal's reason when aborted.
 */
export async function compareBlock(
  engine: WebGpuEngine,
  tokens: number,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<BlockComparison> {
  const { gpu, info } = engine;
  const { config, weights } = engine.model;
  const kinds = KINDS.filter((kind) => isPossible(kind, config));
  const candidates: Candidate[] = [];
  const pass = createBuffer(gpu.device, 'pass of a comparison', 16, PASS_STATE);
  gpu.device.queue.writeBuffer(pass, 0, new Uint32Array([tokens, 0, 0, 0]));
  try {
    for (const kind of kinds) candidates.push(await prepare(engine, kind, tokens, pass));
    const timer = createPassTimer(gpu.device);
    const sample = (candidate: Candidate, repeats: number) => timeOnce(gpu, candidate, tokens, repeats, timer);
    const repeats: number[] = [];
    for (const candidate of candidates) {
      await sample(candidate, 1);
      const once = Math.max(1e-3, await sample(candidate, 1));
      repeats.push(Math.min(4000, Math.max(1, Math.ceil(SAMPLE_MILLISECONDS / once))));
    }
    const times = candidates.map(() => [] as number[]);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, candidate] of candidates.entries()) {
        signal?.throwIfAborted();
        const blocks = repeats[i] * config.layers * tokens;
        times[i].push((await sample(candidate, repeats[i])) / blocks);
        onProgress(round * candidates.length + i + 1, ROUNDS * candidates.length);
      }
    }
    timer.destroy();
    const type = weights.layers[0].gate.type;
    const shape = config;
    return {
      info,
      tokens,
      rows: candidates.map(({ kind }, i) => ({
        kind,
        time: summarise(times[i]),
        ...blockCost(kind, shape, tokens, bytesPerWeight(type)),
      })),
      method: {
        clock: timer.available ? 'timestamps' : 'wall',
        repeats: [Math.min(...repeats) * config.layers, Math.max(...repeats) * config.layers],
        weights: type,
        layers: config.layers,
      },
    };
  } finally {
    for (const candidate of candidates) candidate.destroy();
    pass.destroy();
  }
}

/** A dense model has but one shape; the router chooses at most 16 experts, so a larger E cannot be all on. */
function isPossible(kind: BlockKind, { experts }: ModelConfig): boolean {
  if (experts === 1) return kind === 'same-total';
  return kind !== 'all-on' || experts <= MAX_CHOSEN;
}

/** The block of every layer as `kind`, over buffers of its own. */
async function prepare(engine: WebGpuEngine, kind: BlockKind, tokens: number, pass: GPUBuffer): Promise<Candidate> {
  const { gpu } = engine;
  const { config, weights } = engine.model;
  const dense = kind === 'same-active' || kind === 'same-total';
  const width = kind === 'same-active' ? config.expertsPerToken : config.experts;
  const variant: ModelConfig = dense
    ? { ...config, experts: 1, expertsPerToken: 1, expertHidden: config.expertHidden * width }
    : { ...config, expertsPerToken: kind === 'all-on' ? config.experts : config.expertsPerToken };
  // No attention here: a context of one position keeps the unused KV cache small.
  const activations = { ...createActivations(gpu, { ...variant, contextLength: 1, vocabulary: 1 }, tokens, 1), pass };
  const twins: GPUBuffer[] = [];
  const layers = weights.layers.map((layer, index): GpuLayer => {
    const own = engine.weights.layers[index];
    if (!dense) return own;
    const twin = denseTwin(layer, width);
    const gateUp = uploadWeights(gpu, stackRows([twin.gate, twin.up]));
    const down = uploadWeights(gpu, twin.down);
    twins.push(gateUp.buffer, down.buffer);
    return { ...own, router: null, gateUp, down };
  });
  const ffn = tokens <= gpu.tuning.few ? ffnFew : ffnMany;
  const site = { gpu, config: variant, a: activations };
  const dispatches = await Promise.all(layers.flatMap((layer, index) => ffn(site, layer, index)));
  fillInput(gpu, activations.x, tokens, config.width);
  return {
    kind,
    dispatches,
    destroy: () => {
      for (const buffer of twins) buffer.destroy();
      destroyAll(activations);
    },
  };
}

/** Milliseconds of `repeats` rounds through every layer, in one submit. */
async function timeOnce(
  gpu: Gpu,
  { dispatches }: Candidate,
  tokens: number,
  repeats: number,
  timer: ReturnType<typeof createPassTimer>,
): Promise<number> {
  const encoder = gpu.device.createCommandEncoder();
  const compute = encoder.beginComputePass({ timestampWrites: timer.timestampWrites });
  for (let i = 0; i < repeats; i++) encode(compute, dispatches, tokens);
  compute.end();
  timer.resolve(encoder);
  const start = performance.now();
  gpu.device.queue.submit([encoder.finish()]);
  await gpu.device.queue.onSubmittedWorkDone();
  const wall = performance.now() - start;
  const nanoseconds = await timer.read();
  return nanoseconds === null ? wall : nanoseconds / 1e6;
}

/** A residual stream that spreads tokens over the experts: fixed noise, no two rows alike. */
function fillInput(gpu: Gpu, x: GPUBuffer, tokens: number, width: number): void {
  let state = 0x9e3779b9;
  const noise = Float32Array.from({ length: tokens * width }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state >>> 8) / 2 ** 24) * 2 - 1;
  });
  gpu.device.queue.writeBuffer(x, 0, noise);
}

function destroyAll(buffers: object): void {
  for (const value of Object.values(buffers).flat()) {
    if (value instanceof GPUBuffer) value.destroy();
  }
}
