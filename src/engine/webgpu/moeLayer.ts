/**
 * One MoE layer on its own, with the engine's kernels and nothing around them: no norm, no residual. It is what the page's
 * build offers as `moe-layer.js`, so that other programs can time it beside other engines.
 */
import { createBuffer, PASS_STATE, uploadBuffer } from '../../gpu/buffers.ts';
import { encode } from '../../gpu/dispatch.ts';
import type { Dispatch, Gpu, Tuning } from '../../gpu/types.ts';
import { mapForReading } from '../../gpu/waits.ts';
import { combine } from '../../kernels/combine.ts';
import { expertDown } from '../../kernels/expertDown.ts';
import { expertUp } from '../../kernels/expertUp.ts';
import { groupedDown } from '../../kernels/groupedDown.ts';
import { groupedUp } from '../../kernels/groupedUp.ts';
import { plan, tileListBytes } from '../../kernels/plan.ts';
import { controlWords, route, slotBytes, traceWords } from '../../kernels/route.ts';
import { stackRows, uploadWeights, type WeightMatrix } from '../../kernels/weights.ts';
import { packQ4 } from '../../model/packQ4.ts';
import type { Tensor } from '../../model/types.ts';
import { freeRouter } from '../../reference/route.ts';
import { findGpu } from './adapter.ts';

/** value = (code − 8) · scale, a scale to 32 neighbouring columns. */
interface Q4Matrix {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
}

export interface MoeLayerOptions {
  readonly D: number;
  readonly E: number;
  readonly K: number;
  readonly H: number;
  /** Tokens of every run. */
  readonly T: number;
  /** Row by row, outputs × inputs. Where q4 is there and exact in f16 it is what runs; else the f32 matrices do. */
  readonly weights: {
    readonly router: Float32Array; // [E, D]
    readonly gate: Float32Array; // [E, H, D]
    readonly up: Float32Array; // [E, H, D]
    readonly down: Float32Array; // [E, D, H]
    readonly q4?: { readonly block: number; readonly gate: Q4Matrix; readonly up: Q4Matrix; readonly down: Q4Matrix };
  };
  /** Overrides what the adapter would get. */
  readonly tuning?: Partial<Tuning>;
  /** Where there is no `navigator.gpu`. */
  readonly api?: GPU;
}

export interface MoeLayer {
  /** x, y: [T, D]. One run at a time: upload, compute, read back. */
  run(x: Float32Array): Promise<Float32Array>;
  destroy(): void;
  readonly note: string;
}

/** logits = x·routerᵀ; the K largest, softmax over them; y = Σ p_e · down_e(silu(gate_e·x) · up_e·x). @throws UserError */
export async function createMoeLayer(options: MoeLayerOptions): Promise<MoeLayer> {
  const { D, T, api = globalThis.navigator?.gpu, tuning } = options;
  const found = await findGpu(api);
  const gpu: Gpu = { ...found.gpu, tuning: { ...found.gpu.tuning, ...tuning } };
  const { device } = gpu;
  const [gate, up, down] = matrices(options);
  const gateUp = uploadWeights(gpu, stackRows([gate, up]));
  const x = createBuffer(device, 'x', T * D * 4);
  const y = createBuffer(device, 'y', T * D * 4);
  const dispatches = await planLayer(gpu, options, { gateUp, down: uploadWeights(gpu, down), x, y });
  const staging = device.createBuffer({ size: y.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    note: `${gateUp.type}, ${JSON.stringify(gpu.tuning)}`,
    async run(values) {
      device.queue.writeBuffer(x, 0, values as Float32Array<ArrayBuffer>);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass, dispatches, T);
      pass.end();
      encoder.copyBufferToBuffer(y, 0, staging, 0, staging.size);
      device.queue.submit([encoder.finish()]);
      await mapForReading(device, staging);
      const result = new Float32Array(staging.getMappedRange().slice(0, T * D * 4));
      staging.unmap();
      return result;
    },
    destroy: () => device.destroy(),
  };
}

/** gate and up [E, H, D], down [E, D, H]. */
export function matrices({ D, E, H, weights }: MoeLayerOptions): Tensor[] {
  const shapes = { gate: [D, H, E], up: [D, H, E], down: [H, D, E] };
  const names = ['gate', 'up', 'down'] as const;
  const packed = names.map(
    (name) => weights.q4?.block === 32 && packQ4(weights.q4[name].codes, weights.q4[name].scales),
  );
  return names.map((name, i) => {
    const data = packed.every(Boolean) && packed[i];
    const { buffer, byteOffset, byteLength } = weights[name];
    return data
      ? { name, type: 'q4_0', shape: shapes[name], data }
      : { name, type: 'f32', shape: shapes[name], data: new Uint8Array(buffer, byteOffset, byteLength) };
  });
}

export function planLayer(
  gpu: Gpu,
  { D, E, K, H, T, weights }: MoeLayerOptions,
  { gateUp, down, x, y }: { gateUp: WeightMatrix; down: WeightMatrix; x: GPUBuffer; y: GPUBuffer },
): Promise<Dispatch[]> {
  const { device } = gpu;
  const empty = (name: string, bytes: number) => createBuffer(device, name, bytes);
  const pass = uploadBuffer(device, 'pass', Uint32Array.of(T, 0, 0, 0), PASS_STATE);
  const h = empty('h', T * D * 4);
  const slots = empty('slots', slotBytes(T, K));
  const activated = empty('activated', T * K * H * 4);
  const router = route(
    gpu,
    { width: D, experts: E, slots: K, normaliseGates: true, epsilon: null },
    {
      x,
      normWeight: uploadBuffer(device, 'ones', new Float32Array(D).fill(1)),
      router: uploadBuffer(device, 'router', weights.router),
      control: uploadBuffer(device, 'control', controlWords(freeRouter(E, K), K)),
      h,
      slots,
      trace: empty('trace', T * traceWords({ experts: E, slots: K }) * 4),
      pass,
    },
  );
  if (T <= gpu.tuning.few)
    return Promise.all([
      router,
      expertUp(gpu, { gateUp, k: K }, { h, slots, activated, pass }),
      expertDown(gpu, { down, k: K, scale: 1, accumulate: false }, { activated, slots, x: y, pass }),
    ]);
  const planned = {
    offsets: empty('offsets', (E + 1) * 4),
    order: empty('order', T * K * 4),
    tiles: empty('tiles', tileListBytes(T, { experts: E, k: K })),
  };
  const expertOut = empty('expertOut', T * K * D * 4);
  return Promise.all([
    router,
    plan(gpu, { experts: E, k: K }, { slots, ...planned, pass }),
    groupedUp(gpu, { gateUp, k: K }, { h, ...planned, activated, pass }),
    groupedDown(gpu, { down, k: K }, { activated, ...planned, y: expertOut, pass }),
    combine(gpu, { width: D, k: K, scale: 1, accumulate: false }, { y: expertOut, slots, x: y, pass }),
  ]);
}
