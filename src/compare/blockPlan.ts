/**
 * One FFN block as a list of dispatches with the engine's own kernels: routed, or dense. A dense one is a plain GEMV or
 * GEMM with SwiGLU fused in and its sum added where it belongs: it has nothing to route, to plan or to combine.
 */
import { createBuffer, PASS_STATE, uploadBuffer } from '../gpu/buffers.ts';
import { run } from '../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { combine } from '../kernels/combine.ts';
import { expertDown } from '../kernels/expertDown.ts';
import { expertUp } from '../kernels/expertUp.ts';
import { groupedDown } from '../kernels/groupedDown.ts';
import { groupedUp } from '../kernels/groupedUp.ts';
import { matmul } from '../kernels/matmul.ts';
import { plan, tileListBytes } from '../kernels/plan.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import { controlWords, route, slotBytes, traceWords } from '../kernels/route.ts';
import type { WeightMatrix } from '../kernels/weights.ts';
import { freeRouter } from '../reference/route.ts';
import type { SegmentName } from './contract.ts';

/** E = 1 is dense: K = 1 and no router. */
export interface BlockSize {
  readonly width: number;
  readonly hidden: number;
  readonly experts: number;
  readonly k: number;
  readonly normaliseGates: boolean;
  readonly epsilon: number;
  /** Of what the block adds to x. */
  readonly scale: number;
}

export interface BlockWeights {
  readonly norm: GPUBuffer; // [D]
  readonly router: GPUBuffer | null; // [E, D]; null for a dense block
  readonly gateUp: WeightMatrix; // [E, 2H, D]
  readonly down: WeightMatrix; // [E, D, H]
}

/** What the blocks of one size write, for steps of so many tokens. */
export interface BlockBuffers {
  readonly tokens: number;
  readonly pass: GPUBuffer;
  readonly h: GPUBuffer; // [T, D]
  readonly slots: GPUBuffer; // [T, K]
  readonly control: GPUBuffer;
  readonly frozen: GPUBuffer;
  readonly trace: GPUBuffer;
  readonly offsets: GPUBuffer;
  readonly order: GPUBuffer;
  readonly tiles: GPUBuffer;
  readonly activated: GPUBuffer; // [T·K, H]
  readonly expertOut: GPUBuffer; // [T·K, D]
}

export interface Step {
  readonly segment: SegmentName;
  readonly dispatch: Dispatch;
}

/** Which kernels: decode's (GEMV, expert ids read in the kernel) or prefill's (grouped GEMM over the tiles of a plan). */
export type Path = 'few' | 'many';

/** A dense block's slots and plan never change: they are written here, once. */
export async function createBlockBuffers(gpu: Gpu, size: BlockSize, tokens: number): Promise<BlockBuffers> {
  const { device } = gpu;
  const { width, hidden, experts, k } = size;
  const empty = (label: string, words: number) => createBuffer(device, label, 4 * words);
  const control = controlWords(freeRouter(experts, k), k);
  const buffers: BlockBuffers = {
    tokens,
    pass: uploadBuffer(device, 'pass', Uint32Array.of(tokens, 0, 0, 0), PASS_STATE),
    h: empty('h', tokens * width),
    slots: createBuffer(device, 'slots', slotBytes(tokens, k)),
    control: uploadBuffer(device, 'control', control),
    frozen: empty('frozen', 0),
    trace: empty('trace', tokens * traceWords({ experts, slots: k })),
    offsets: empty('offsets', experts + 1),
    order: empty('order', tokens * k),
    tiles: createBuffer(device, 'tiles', tileListBytes(tokens, { experts, k })),
    activated: empty('activated', tokens * k * hidden),
    expertOut: empty('expertOut', tokens * k * width),
  };
  if (experts === 1) {
    const one = new Uint32Array(Float32Array.of(0, 1).buffer); // expert 0, weight 1
    device.queue.writeBuffer(
      buffers.slots,
      0,
      Uint32Array.from({ length: 2 * tokens }, (_, i) => one[i % 2]),
    );
    run(device, [await plan(gpu, size, buffers)], tokens);
  }
  return buffers;
}

/** The dispatches of one block over x [T, D], which it adds to. */
export function planBlock(
  gpu: Gpu,
  size: BlockSize,
  weights: BlockWeights,
  b: BlockBuffers,
  x: GPUBuffer,
  path: Path,
): Promise<Step[]> {
  const { router } = weights;
  const steps = router
    ? [routed(gpu, size, { ...weights, router }, b, x), ...(path === 'few' ? few : many)(gpu, size, weights, b, x)]
    : dense[path](gpu, size, weights, b, x);
  return Promise.all(steps);
}

const step = async (segment: SegmentName, dispatch: Promise<Dispatch>): Promise<Step> => ({
  segment,
  dispatch: await dispatch,
});

type Steps = (gpu: Gpu, size: BlockSize, weights: BlockWeights, b: BlockBuffers, x: GPUBuffer) => Promise<Step>[];

function routed(
  gpu: Gpu,
  { width, experts, k, normaliseGates, epsilon }: BlockSize,
  { router, norm }: BlockWeights & { router: GPUBuffer },
  b: BlockBuffers,
  x: GPUBuffer,
): Promise<Step> {
  const shape = { width, experts, slots: k, normaliseGates, epsilon };
  return step('route', route(gpu, shape, { ...b, x, normWeight: norm, router }));
}

const few: Steps = (gpu, { k, scale }, { gateUp, down }, b, x) => [
  step('up', expertUp(gpu, { gateUp, k }, b)),
  step('down', expertDown(gpu, { down, k, scale }, { ...b, x })),
];

const many: Steps = (gpu, size, { gateUp, down }, b, x) => {
  const { width, k, scale } = size;
  return [
    step('plan', plan(gpu, size, b)),
    step('up', groupedUp(gpu, { gateUp, k }, b)),
    step('down', groupedDown(gpu, { down, k }, { ...b, y: b.expertOut })),
    step('combine', combine(gpu, { width, k, scale }, { ...b, y: b.expertOut, x })),
  ];
};

const dense: Readonly<Record<Path, Steps>> = {
  few: (gpu, { epsilon, scale }, { gateUp, down, norm }, b, x) => [
    step('up', expertUp(gpu, { gateUp, k: 1, norm: { epsilon } }, { ...b, h: x, normWeight: norm })),
    step('down', expertDown(gpu, { down, k: 1, scale }, { ...b, x })),
  ],
  many: (gpu, { width, epsilon, scale }, { gateUp, down, norm }, b, x) => [
    step('up', rmsNorm(gpu, { width, epsilon }, { x, weight: norm, y: b.h, pass: b.pass })),
    step('up', groupedUp(gpu, { gateUp, k: 1 }, b)),
    step('down', matmul(gpu, { weight: down, accumulate: true, scale }, { x: b.activated, y: x, pass: b.pass })),
  ],
};
