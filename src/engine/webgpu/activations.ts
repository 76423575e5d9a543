/** Every buffer a pass writes, made once for the longest pass and replayed ever after. */
import { createBuffer, PASS_STATE } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { tileListBytes } from '../../kernels/plan.ts';
import { ropeTable } from '../../kernels/rope.ts';
import { traceWords } from '../../kernels/route.ts';
import { DRAW_WORDS } from '../../kernels/sample.ts';
import type { ModelConfig } from '../../model/types.ts';

export interface Activations {
  /** Longest pass, in tokens. */
  readonly maxTokens: number;
  /** Slots of the trace ring: one prefill, then the decode steps in flight. */
  readonly ringSlots: number;
  readonly traceWords: number;
  readonly pass: GPUBuffer; // Pass of the tokens under way; the sampler advances it
  readonly tokens: GPUBuffer; // u32 [T]
  readonly x: GPUBuffer; // [T, D] residual stream
  readonly h: GPUBuffer; // [T, D] normed
  readonly qkv: GPUBuffer; // [T, (heads + 2·kvHeads)·headDim]
  readonly q: GPUBuffer; // [T, heads·headDim]
  readonly attended: GPUBuffer; // [T, heads·headDim]
  readonly slots: GPUBuffer; // Slot [T·K]
  readonly offsets: GPUBuffer; // u32 [E + 1]
  readonly order: GPUBuffer; // u32 [T·K]
  readonly tiles: GPUBuffer; // see kernels/plan.ts
  readonly activated: GPUBuffer; // [T·K, H]
  readonly expertOut: GPUBuffer; // [T·K, D]
  readonly logits: GPUBuffer; // [V]
  readonly sampling: GPUBuffer;
  readonly draws: GPUBuffer; // [ringSlots, DRAW_WORDS]
  readonly rotations: GPUBuffer; // RoPE angles of every position, shared by the layers
  readonly keys: readonly GPUBuffer[]; // per layer [contextLength, kvHeads·headDim]
  readonly values: readonly GPUBuffer[];
  readonly bias: readonly GPUBuffer[]; // per layer [E], added to the router's logits
  /** All layers' rings: [L, ringSlots, 2K + E]; a layer's part starts at a multiple of 256 bytes. */
  readonly trace: GPUBuffer;
}

export function createActivations(gpu: Gpu, config: ModelConfig, maxTokens: number, inFlight: number): Activations {
  const { device } = gpu;
  const { width, heads, kvHeads, headDim, experts, expertsPerToken, expertHidden, vocabulary, contextLength } = config;
  const make = (label: string, words: number, usage?: GPUBufferUsageFlags) =>
    createBuffer(device, label, words * 4, usage);
  const slots = maxTokens * expertsPerToken;
  const record = traceWords({ experts, k: expertsPerToken });
  // 64 slots of any word count are a multiple of 256 bytes, the alignment a binding offset needs.
  const ringSlots = Math.ceil((maxTokens + inFlight) / 64) * 64;
  const perLayer = <T>(one: (layer: number) => T) => Array.from({ length: config.layers }, (_, layer) => one(layer));
  const activations: Activations = {
    maxTokens,
    ringSlots,
    traceWords: record,
    pass: make('pass', 4, PASS_STATE),
    tokens: make('tokens', maxTokens),
    x: make('x', maxTokens * width),
    h: make('h', maxTokens * width),
    qkv: make('qkv', maxTokens * (heads + 2 * kvHeads) * headDim),
    q: make('q', maxTokens * heads * headDim),
    attended: make('attended', maxTokens * heads * headDim),
    slots: make('slots', slots * 2),
    offsets: make('offsets', experts + 1),
    order: make('order', slots),
    tiles: createBuffer(device, 'tiles', tileListBytes(maxTokens, { experts, k: expertsPerToken })),
    activated: make('activated', slots * expertHidden),
    expertOut: make('expertOut', slots * width),
    logits: make('logits', vocabulary),
    sampling: make('sampling', 4, PASS_STATE),
    draws: make('draws', ringSlots * DRAW_WORDS),
    rotations: ropeTable(gpu, config),
    keys: perLayer((layer) => make(`keys ${layer}`, contextLength * kvHeads * headDim)),
    values: perLayer((layer) => make(`values ${layer}`, contextLength * kvHeads * headDim)),
    bias: perLayer((layer) => make(`router bias ${layer}`, experts)),
    trace: make('trace', config.layers * ringSlots * record),
  };
  if (experts === 1) {
    // A dense FFN: every token's one slot goes to expert 0 with weight 1.
    const constant = new Uint32Array(new Float32Array([0, 1]).buffer);
    const all = new Uint32Array(slots * 2);
    for (let slot = 0; slot < slots; slot++) all.set(constant, slot * 2);
    device.queue.writeBuffer(activations.slots, 0, all);
  }
  return activations;
}
