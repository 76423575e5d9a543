/** What is timed: the model's block, or a dense twin of it, over inputs that keep the experts changing. */
import { createActivations } from '../engine/webgpu/activations.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { ffnFew, ffnMany } from '../engine/webgpu/forwardPass.ts';
import type { GpuLayer } from '../engine/webgpu/weights.ts';
import { uploadBuffer } from '../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { stackRows, uploadWeights } from '../kernels/weights.ts';
import { UserError } from '../model/errors.ts';
import type { ModelConfig } from '../model/types.ts';
import { random, randomValues } from '../reference/random.ts';
import type { BlockKind } from './costModel.ts';
import { denseTwin } from './twins.ts';

/** Different inputs that the repeats cycle through: with one alone the same few experts would stay in the cache. */
const INPUTS = 16;
/** The residual hardly moves, so that inputs stay themselves; not 0, which a compiler might fold away. */
const RESIDUAL_SCALE = 1e-6;

export interface Candidate {
  readonly kind: BlockKind;
  /** For each input, one block of every layer. */
  readonly inputs: readonly (readonly Dispatch[])[];
  readonly destroy: () => void;
}

/** The block of every layer as `kind`, over buffers of its own. @throws UserError out-of-memory */
export async function prepare(engine: WebGpuEngine, kind: BlockKind, tokens: number): Promise<Candidate> {
  const { gpu } = engine;
  const { device } = gpu;
  const owned: GPUBuffer[] = [];
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const planned = await plan(engine, kind, tokens, owned).catch((cause: Error) => cause);
  const refused = [await device.popErrorScope(), await device.popErrorScope()].some((error) => error !== null);
  const destroy = () => {
    for (const buffer of owned) buffer.destroy();
  };
  if (planned instanceof Error || refused) {
    destroy();
    if (planned instanceof Error) throw planned;
    throw new UserError(
      'out-of-memory',
      'The GPU has no room for the dense twins beside the model.',
      'Close other tabs.',
    );
  }
  return { kind, inputs: planned, destroy };
}

async function plan(
  engine: WebGpuEngine,
  kind: BlockKind,
  tokens: number,
  owned: GPUBuffer[],
): Promise<readonly (readonly Dispatch[])[]> {
  const { gpu } = engine;
  const { config, weights } = engine.model;
  const dense = kind === 'same-active' || kind === 'same-total';
  const width = kind === 'same-active' ? config.expertsPerToken : config.experts;
  const variant = shapeOf(kind, config, width);
  // No attention here: a context of one position keeps the unused KV cache small.
  const activations = createActivations(gpu, { ...variant, contextLength: 1, vocabulary: 1 }, tokens, 1);
  owned.push(...Object.values(activations).flat().filter(isBuffer));
  gpu.device.queue.writeBuffer(activations.pass, 0, new Uint32Array([tokens, 0, 0, 0]));
  const layers = weights.layers.map((layer, index): GpuLayer => {
    const own = engine.weights.layers[index];
    if (!dense) return own;
    const twin = denseTwin(layer, width);
    const gateUp = uploadWeights(gpu, stackRows([twin.gate, twin.up]));
    const down = uploadWeights(gpu, twin.down);
    owned.push(gateUp.buffer, down.buffer);
    return { ...own, router: null, gateUp, down };
  });
  const ffn = tokens <= gpu.tuning.few ? ffnFew : ffnMany;
  return Promise.all(
    Array.from({ length: INPUTS }, (_, input) => {
      const x = noise(gpu, tokens * config.width, input);
      owned.push(x);
      const site = { gpu, config: variant, a: { ...activations, x } };
      return Promise.all(layers.flatMap((layer, index) => ffn(site, layer, index)));
    }),
  );
}

function shapeOf(kind: BlockKind, config: ModelConfig, width: number): ModelConfig {
  const shape = { ...config, residualScale: RESIDUAL_SCALE };
  if (kind === 'moe') return shape;
  if (kind === 'all-on') return { ...shape, expertsPerToken: config.experts };
  return { ...shape, experts: 1, expertsPerToken: 1, expertHidden: config.expertHidden * width };
}

const isBuffer = (value: unknown): value is GPUBuffer => value instanceof GPUBuffer;

/** A residual stream of fixed noise, uniform in [−1, 1): no two inputs alike, the same for every candidate. */
function noise(gpu: Gpu, count: number, input: number): GPUBuffer {
  const values = randomValues(count, random(input + 1));
  return uploadBuffer(gpu.device, 'input of a comparison', values);
}
