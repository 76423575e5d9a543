/** Every buffer a pass writes, made once for the longest pass and replayed ever after. */
import { createBuffer, PASS_STATE, uploadBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { CACHE_BYTES, type CacheFormat } from '../../kernels/cache.ts';
import { tileListBytes } from '../../kernels/plan.ts';
import { ropeTable } from '../../kernels/rope.ts';
import { controlSize, controlWords, slotBytes, traceWords } from '../../kernels/route.ts';
import { DRAW_WORDS } from '../../kernels/sample.ts';
import { headsOf, sightOf } from '../../model/layerKinds.ts';
import type { HeadShape, Latent, ModelConfig } from '../../model/types.ts';
import { freeRouter, NO_EXPERT } from '../../reference/route.ts';
import type { Sampling } from '../types.ts';
import { ringOf } from './rings.ts';

export interface Activations extends SlotBuffers {
  readonly pass: GPUBuffer; // Pass of the tokens under way; the sampler advances it
  readonly tokens: GPUBuffer; // u32 [T]
  readonly x: GPUBuffer; // [T, D] residual stream
  readonly h: GPUBuffer; // [T, D] normed
  /** What a router reads as it is, and weights of 1: what came into the layer, or what is normed with a bias. [T, D], [D] */
  readonly early: { readonly x: GPUBuffer; readonly ones: GPUBuffer } | null;
  readonly qkv: GPUBuffer; // [T, (heads + 2·kvHeads)·headDim]
  readonly q: GPUBuffer; // [T, heads·headDim]
  readonly attended: GPUBuffer; // [T, heads·headDim], or heads·value of latent attention
  readonly gate: GPUBuffer; // [T, heads·headDim], where attention is gated
  readonly latent: LatentBuffers | null;
  /** What attention or FFN gives, where that is normed before it is added to x. [T, D] */
  readonly branch: GPUBuffer | null;
  /** A part of it that is normed by itself. [T, D] */
  readonly part: GPUBuffer | null;
  readonly logits: GPUBuffer; // [V]
  readonly sampling: GPUBuffer;
  readonly draws: GPUBuffer; // [ringSlots, DRAW_WORDS]
  readonly rotations: GPUBuffer; // RoPE angles of every position, shared by the layers
  readonly narrowRotations: GPUBuffer | null; // those of narrow heads
  readonly cache: CacheFormat; // of keys and values
  readonly rings: readonly number[]; // per layer the rows of its cache: see rings.ts
  readonly keys: readonly GPUBuffer[]; // per layer [ring, kvHeads·headDim]
  readonly values: readonly GPUBuffer[];
}

export interface LatentBuffers {
  readonly narrow: GPUBuffer; // [T, queryRank]
  readonly normed: GPUBuffer; // the same, normed
  readonly kept: GPUBuffer; // [T, rank + turned], before it goes into the cache
  readonly query: GPUBuffer; // [T, heads, rank + turned]
  readonly mixed: GPUBuffer; // [T, heads, rank]
}

/** What depends on how many experts a token may have. */
export interface SlotBuffers {
  /** Longest pass, in tokens. */
  readonly maxTokens: number;
  /** S: the model's K, or as many as an intervention needs. */
  readonly slotsPerToken: number;
  /** Records of the trace ring: one prefill, then the decode steps in flight. */
  readonly ringSlots: number;
  readonly traceWords: number;
  readonly slots: GPUBuffer; // Slot [T·S]
  /** Expert 0 with weight 1 for every token: what a dense FFN is. */
  readonly one: GPUBuffer; // Slot [T]
  readonly sharedSlots: GPUBuffer; // Slot [T]
  readonly offsets: GPUBuffer; // u32 [E + 1]
  readonly order: GPUBuffer; // u32 [T·S]
  readonly tiles: GPUBuffer; // see kernels/plan.ts
  readonly activated: GPUBuffer; // [T·S, H], or [T] of a wider dense layer or shared expert
  readonly expertOut: GPUBuffer; // [T·S, D]
  readonly controls: readonly GPUBuffer[]; // per layer, what its router is asked for: see kernels/route.ts
  /** All layers' rings: [L, ringSlots, 2S + E]; a layer's part starts at a multiple of 256 bytes. */
  readonly trace: GPUBuffer;
}

/** Bytes that a position takes in a layer's keys and in its values. A convolution's history, in f32, stands among the keys. */
export function cacheRows(config: ModelConfig, cache: CacheFormat, layer: number): readonly [number, number] {
  if (config.convolutions.includes(layer)) return [4 * config.width, 0];
  if (config.latent) return [(config.latent.rank + config.latent.turned) * CACHE_BYTES[cache], 0];
  const { kvHeads, headDim } = headsOf(config, layer);
  const row = kvHeads * headDim * CACHE_BYTES[cache];
  return [row, row];
}

/** What a pass is planned in. */
export interface Site {
  readonly gpu: Gpu;
  readonly config: ModelConfig;
  readonly a: Activations;
}

export function createActivations(
  gpu: Gpu,
  config: ModelConfig,
  { maxTokens, inFlight, cache, ropeFactors = null }: ActivationOptions,
): Activations {
  const { device } = gpu;
  const { width, heads, narrow, expertsPerToken, vocabulary, latent } = config;
  const shapes: readonly Pick<HeadShape, 'kvHeads' | 'headDim'>[] = narrow ? [config, narrow] : [config];
  const widest = Math.max(...shapes.map(({ headDim }) => headDim));
  const projected = Math.max(...shapes.map(({ kvHeads, headDim }) => (heads + 2 * kvHeads) * headDim));
  const mixed = config.convolutions.length > 0 ? width : 0;
  const make = (label: string, words: number, usage?: GPUBufferUsageFlags) =>
    createBuffer(device, label, words * 4, usage);
  const perLayer = <T>(one: (layer: number) => T) => Array.from({ length: config.layers }, (_, layer) => one(layer));
  const forSlots = createSlotBuffers(gpu, config, { slotsPerToken: expertsPerToken, maxTokens, inFlight });
  const rings = perLayer((layer) => ringOf(sightOf(config, layer), config.contextLength, maxTokens));
  const rows = (name: string, which: 0 | 1) =>
    rings.map((ring, layer) => createBuffer(device, `${name} ${layer}`, ring * cacheRows(config, cache, layer)[which]));
  return {
    ...forSlots,
    pass: make('pass', 4, PASS_STATE),
    tokens: make('tokens', maxTokens),
    x: make('x', maxTokens * width),
    h: make('h', maxTokens * width),
    early:
      config.routesEarly || config.normBias
        ? {
            x: make('what the router reads', maxTokens * width),
            ones: uploadBuffer(device, 'ones', new Float32Array(width).fill(1)),
          }
        : null,
    qkv: make('qkv', maxTokens * Math.max(latent ? 0 : projected, mixed * 3)),
    q: make('q', maxTokens * heads * widest),
    attended: make('attended', maxTokens * Math.max(heads * (latent?.value ?? widest), mixed)),
    gate: make('gate of attention', config.gatesAttention ? maxTokens * heads * widest : 0),
    latent: latent && latentBuffers(latent, heads, (label, words) => make(label, maxTokens * words)),
    branch: config.normsBranches ? make('branch', maxTokens * width) : null,
    part: config.besides ? make('part of a branch', maxTokens * width) : null,
    logits: make('logits', vocabulary),
    sampling: make('sampling', 4, PASS_STATE),
    draws: make('draws', forSlots.ringSlots * DRAW_WORDS),
    // Latent attention turns a part of a head that stands by itself.
    rotations: ropeTable(gpu, { ...config, ropeFactors, ...(latent && { headDim: latent.turned }) }),
    narrowRotations: narrow && ropeTable(gpu, { ...config, ...narrow }),
    cache,
    rings,
    keys: rows('keys', 0),
    values: rows('values', 1),
  };
}

interface ActivationOptions {
  readonly maxTokens: number;
  readonly inFlight: number;
  readonly cache: CacheFormat;
  readonly ropeFactors?: Float32Array | null;
}

function latentBuffers(
  { rank, turned, queryRank }: Latent,
  heads: number,
  make: (label: string, words: number) => GPUBuffer,
): LatentBuffers {
  return {
    narrow: make('narrow queries', queryRank),
    normed: make('normed queries', queryRank),
    kept: make('latent vectors', rank + turned),
    query: make('latent queries', heads * (rank + turned)),
    mixed: make('mixed latent vectors', heads * rank),
  };
}

/** The same pass with more slots to a token. What it shares, the KV cache first of all, stays where it is. */
export function widenActivations(
  gpu: Gpu,
  config: ModelConfig,
  narrow: Activations,
  options: { slotsPerToken: number; maxTokens: number; inFlight: number },
): Activations {
  return { ...narrow, ...createSlotBuffers(gpu, config, options) };
}

function createSlotBuffers(
  gpu: Gpu,
  config: ModelConfig,
  { slotsPerToken, maxTokens, inFlight }: { slotsPerToken: number; maxTokens: number; inFlight: number },
): SlotBuffers {
  const { device } = gpu;
  const { width, experts, expertsPerToken, expertHidden, contextLength, layers, denseLayers } = config;
  const widest = Math.max(config.denseHidden, config.sharedHidden);
  const make = (label: string, words: number) => createBuffer(device, label, words * 4);
  const slots = maxTokens * slotsPerToken;
  const record = traceWords({ experts, slots: slotsPerToken });
  // 64 records of any word count are a multiple of 256 bytes, the alignment a binding offset needs.
  const ringSlots = Math.ceil((maxTokens + inFlight) / 64) * 64;
  const control = controlSize(experts, experts === 1 ? 0 : contextLength, slotsPerToken);
  const buffers: SlotBuffers = {
    maxTokens,
    slotsPerToken,
    ringSlots,
    traceWords: record,
    slots: createBuffer(device, 'slots', slotBytes(maxTokens, slotsPerToken)),
    offsets: make('offsets', experts + 1),
    order: make('order', slots),
    tiles: createBuffer(device, 'tiles', tileListBytes(maxTokens, { experts, k: slotsPerToken })),
    one: createBuffer(device, 'one slot', slotBytes(maxTokens, 1)),
    sharedSlots: createBuffer(device, 'shared slots', slotBytes(maxTokens, 1)),
    activated: make('activated', Math.max(slots * expertHidden, maxTokens * widest)),
    expertOut: make('expertOut', slots * width),
    controls: Array.from({ length: layers }, (_, layer) => make(`router control ${layer}`, control)),
    trace: make('trace', layers * ringSlots * record),
  };
  const constant = new Uint32Array(new Float32Array([0, 1]).buffer);
  const all = new Uint32Array(maxTokens * 2);
  for (let token = 0; token < maxTokens; token++) all.set(constant, token * 2);
  device.queue.writeBuffer(buffers.one, 0, all);
  buffers.controls.forEach((buffer, layer) => {
    const free = controlWords(freeRouter(experts, expertsPerToken, layer), slotsPerToken);
    device.queue.writeBuffer(buffer, 0, free as Uint32Array<ArrayBuffer>);
  });
  // A dense layer in a sparse model routes nothing, and nobody writes its records.
  const none = new Uint32Array(denseLayers > 0 ? ringSlots * record : 0);
  for (let i = 0; i < none.length; i += record) none.fill(NO_EXPERT, i, i + slotsPerToken);
  for (let layer = 0; layer < denseLayers; layer++)
    device.queue.writeBuffer(buffers.trace, layer * none.byteLength, none);
  return buffers;
}

/** How the sampler draws from now on. */
export function writeSampling(
  device: GPUDevice,
  { sampling }: Activations,
  { temperature, topK, topP, seed }: Sampling,
): void {
  const words = new Uint32Array([0, topK, 0, seed]);
  const floats = new Float32Array(words.buffer);
  floats[0] = temperature;
  floats[2] = topP;
  device.queue.writeBuffer(sampling, 0, words);
}
