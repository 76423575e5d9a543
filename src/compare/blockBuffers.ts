/** What the blocks of one size write, for steps of so many tokens. */
import { createBuffer, PASS_STATE, uploadBuffer } from '../gpu/buffers.ts';
import { run } from '../gpu/dispatch.ts';
import type { Gpu } from '../gpu/types.ts';
import { plan, tileListBytes } from '../kernels/plan.ts';
import { controlWords, slotBytes, traceWords } from '../kernels/route.ts';
import type { Activation } from '../reference/experts.ts';
import type { GateRule } from '../reference/gate.ts';
import { freeRouter } from '../reference/route.ts';

/** E = 1 is dense: K = 1 and no router. */
export interface BlockSize {
  readonly width: number;
  readonly hidden: number;
  readonly experts: number;
  readonly k: number;
  readonly rule: GateRule;
  readonly activation: Activation;
  readonly epsilon: number;
  /** Of what the block adds to x. */
  readonly scale: number;
  /** Hidden units of the shared expert; 0: there is none. */
  readonly sharedHidden: number;
  /**
   * A dense FFN of more rows than a dispatch has workgroups is computed as so many side by side, all of them for every
   * token: only for random weights, because the slabs lie one after another in memory.
   */
  readonly slabs: number;
  /** Added to the router's logits, and to its scores for choosing. [E] */
  readonly biases?: { readonly logits: ArrayLike<number>; readonly selection: ArrayLike<number> };
}

/** Of one FFN: the chosen experts', or the shared expert's. */
export interface FfnBuffers {
  readonly experts: number;
  readonly k: number;
  readonly slots: GPUBuffer; // [T, K]
  /** Slots that are always the same: every slab for every token. [T, slabs] */
  readonly slabSlots: GPUBuffer;
  readonly control: GPUBuffer;
  readonly trace: GPUBuffer;
  readonly offsets: GPUBuffer;
  readonly order: GPUBuffer;
  readonly tiles: GPUBuffer;
  readonly activated: GPUBuffer; // [T·K, H]
  readonly expertOut: GPUBuffer; // [T·K, D]
}

export interface BlockBuffers extends FfnBuffers {
  readonly pass: GPUBuffer;
  readonly h: GPUBuffer; // [T, D]
  readonly shared: FfnBuffers | null;
}

/**
 * A dense FFN's slots and plan never change: they are written here, once. Every buffer goes to `owned`.
 * @param first another input's: the large buffers, in which nothing outlasts a block, serve both; the routing does not.
 */
export async function createBlockBuffers(
  gpu: Gpu,
  size: BlockSize,
  tokens: number,
  owned: GPUBuffer[],
  first: BlockBuffers | null = null,
): Promise<BlockBuffers> {
  const own = (buffer: GPUBuffer) => {
    owned.push(buffer);
    return buffer;
  };
  const pass = own(uploadBuffer(gpu.device, 'pass', Uint32Array.of(tokens, 0, 0, 0), PASS_STATE));
  const ffn = (of: BlockSize, large: FfnBuffers | null = null) => createFfnBuffers(gpu, of, tokens, pass, own, large);
  const { sharedHidden } = size;
  const shared = { ...size, experts: 1, k: 1, hidden: sharedHidden, slabs: 1, biases: undefined };
  return {
    ...(await ffn(size, first)),
    pass,
    h: own(createBuffer(gpu.device, 'h', 4 * tokens * size.width)),
    shared: sharedHidden > 0 ? await ffn(shared, first?.shared) : null,
  };
}

async function createFfnBuffers(
  gpu: Gpu,
  { width, hidden, experts, k, slabs, biases }: BlockSize,
  tokens: number,
  pass: GPUBuffer,
  own: (buffer: GPUBuffer) => GPUBuffer,
  large: FfnBuffers | null,
): Promise<FfnBuffers> {
  const { device } = gpu;
  const empty = (label: string, words: number) => own(createBuffer(device, label, 4 * words));
  const free = freeRouter(experts, k);
  const control = controlWords({ ...free, bias: biases?.logits ?? free.bias }, k, { selection: biases?.selection });
  const buffers: FfnBuffers = {
    experts,
    k,
    slots: own(createBuffer(device, 'slots', slotBytes(tokens, k))),
    slabSlots: own(uploadBuffer(device, 'slabs', constantSlots(tokens, slabs))),
    control: own(uploadBuffer(device, 'control', control)),
    trace: empty('trace', tokens * traceWords({ experts, slots: k })),
    offsets: empty('offsets', experts + 1),
    order: empty('order', tokens * k),
    tiles: own(createBuffer(device, 'tiles', tileListBytes(tokens, { experts, k }))),
    activated: large?.activated ?? empty('activated', tokens * k * hidden),
    expertOut: large?.expertOut ?? empty('expertOut', tokens * k * width),
  };
  if (experts > 1) return buffers;
  device.queue.writeBuffer(buffers.slots, 0, constantSlots(tokens, 1));
  run(device, [await plan(gpu, { experts, k }, { ...buffers, pass })], tokens);
  return buffers;
}

/** Every one of n FFNs for every token, each with weight 1. */
function constantSlots(tokens: number, n: number): Uint32Array<ArrayBuffer> {
  const [one] = new Uint32Array(Float32Array.of(1).buffer);
  return Uint32Array.from({ length: 2 * tokens * n }, (_, i) => (i % 2 ? one : (i / 2) % n));
}
