/**
 * The experts' kernels on one layer: the grouped GEMM under balanced, skewed and uniform loads beside a dense GEMM of the
 * same FLOPs, and whole MoE layers as other engines run them.
 */

import { expectedExpertsTouched } from '../../compare/costModel.ts';
import { bytesPerWeight } from '../../compare/twins.ts';
import { createBuffer, PASS_STATE, uploadBuffer } from '../../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { combine } from '../../kernels/combine.ts';
import { expertDown } from '../../kernels/expertDown.ts';
import { expertUp } from '../../kernels/expertUp.ts';
import { groupedDown } from '../../kernels/groupedDown.ts';
import { groupedUp } from '../../kernels/groupedUp.ts';
import { matmul } from '../../kernels/matmul.ts';
import { plan, tileListBytes } from '../../kernels/plan.ts';
import { controlWords, route, slotBytes, traceWords } from '../../kernels/route.ts';
import { stackRows, uploadWeights } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import type { Tensor } from '../../model/types.ts';
import { matmul as matmulTwin } from '../../reference/linear.ts';
import { freeRouter, route as routeTwin } from '../../reference/route.ts';
import { randomFloats, randomWeights } from './data.ts';
import { prepared } from './kernels.ts';
import { type Item, type Own, sampledRows } from './measure.ts';

export interface LayerShape {
  readonly D: number;
  readonly E: number;
  readonly K: number;
  readonly H: number;
  readonly T: number;
}

type Format = 'f32' | 'q4_0';

export interface Experts {
  readonly gate: Tensor;
  readonly up: Tensor;
  readonly down: Tensor;
}

/** The same weights for whoever is timed. */
export function randomExperts(type: Format, { D, E, H }: LayerShape): Experts {
  return {
    gate: randomWeights(type, [D, H, E], 11),
    up: randomWeights(type, [D, H, E], 12),
    down: randomWeights(type, [H, D, E], 13),
  };
}

/** One expert's matrix out of a stack. */
function expertOf({ type, data, shape }: Tensor, expert: number): Float32Array {
  const bytes = data.byteLength / (shape[2] ?? 1);
  return dequantise({ type, data: data.subarray(expert * bytes, (expert + 1) * bytes) });
}

const silu = (value: number) => value / (1 + Math.exp(-value));

/** down(silu(gate·h) · (up·h)) of one expert, in f64. */
function expertTwin({ gate, up, down }: Experts, expert: number, h: Float64Array): Float64Array {
  const u = matmulTwin(h, expertOf(up, expert), h.length);
  const activated = matmulTwin(h, expertOf(gate, expert), h.length).map((value, i) => silu(value) * u[i]);
  return matmulTwin(activated, expertOf(down, expert), activated.length);
}

/** Σ weight · expert(h) over a token's slots. */
export function tokenTwin(
  experts: Experts,
  slots: readonly (readonly [number, number])[],
  h: Float64Array,
): Float64Array {
  return slots
    .map(([expert, weight]) => expertTwin(experts, expert, h).map((value) => weight * value))
    .reduce((sum, each) => sum.map((value, i) => value + each[i]));
}

/** A routed layer without norm or residual, for some of its tokens: logits = x·routerᵀ, softmax over the k largest. */
export function layerTwin(
  { D, E, K, T }: LayerShape,
  experts: Experts,
  router: Float32Array,
  x: Float32Array,
): Map<number, Float64Array> {
  const parameters = { width: D, experts: E, slots: K, normaliseGates: true, epsilon: null };
  const ones = new Float64Array(D).fill(1);
  return new Map(
    sampledRows(T).map((t) => {
      const row = Float64Array.from(x.subarray(t * D, (t + 1) * D));
      const { ids, weights } = routeTwin(parameters, freeRouter(E, K), row, ones, Float64Array.from(router));
      return [
        t,
        tokenTwin(
          experts,
          Array.from(ids, (id, j) => [id, weights[j]] as const),
          row,
        ),
      ];
    }),
  );
}

/** What a layer of this shape is given: inputs, and a router that spreads them. */
export const randomInputs = ({ D, E, T }: LayerShape) => ({
  x: randomFloats(T * D, 14),
  router: randomFloats(E * D, 16).map((value) => (3 * value) / Math.sqrt(D)),
});

/** Slot j of token t → its expert. */
export const LOADS: Readonly<Record<string, (t: number, j: number, shape: LayerShape) => number>> = {
  balanced: (t, j, { K, E }) => (t * K + j) % E,
  uniform: (t, j, { K, E }) => (Math.imul(t * K + j + 1, 2654435761) >>> 8) % E,
  skewed: () => 0,
};

/** plan, gate+up, down and combine with slots that are given, not routed. */
export function groupedItem(gpu: Gpu, type: Format, shape: LayerShape, load: keyof typeof LOADS): Item {
  const { D, E, K, H, T } = shape;
  const slots = Array.from({ length: T * K }, (_, i) => LOADS[load](Math.floor(i / K), i % K, shape));
  const touched = new Set(slots).size;
  return {
    name: `${load} ${type}`,
    what: `grouped GEMM ${type}, ${load} load: ${touched} of ${E} experts, T = ${T}, K = ${K}, D = ${D}, H = ${H}`,
    work: { flops: 6 * D * H * K * T, bytes: 3 * D * H * touched * bytesPerWeight(type) + 8 * T * D },
    async prepare(own) {
      const experts = randomExperts(type, shape);
      const h = randomFloats(T * D, 14);
      const words = new Uint32Array(2 * T * K);
      const floats = new Float32Array(words.buffer);
      slots.forEach((expert, slot) => {
        words[2 * slot] = expert;
        floats[2 * slot + 1] = 1 / K;
      });
      const site = layerSite(gpu, own, experts, shape);
      const slotBuffer = own(uploadBuffer(gpu.device, 'slots', words));
      const input = own(uploadBuffer(gpu.device, 'h', h));
      const dispatches = await many(gpu, shape, { ...site, h: input, slots: slotBuffer });
      const expected = new Map(
        sampledRows(T).map((t) => {
          const chosen = slots.slice(t * K, (t + 1) * K).map((expert) => [expert, 1 / K] as const);
          return [t, tokenTwin(experts, chosen, Float64Array.from(h.subarray(t * D, (t + 1) * D)))];
        }),
      );
      return prepared(gpu, dispatches, T, site.x, expected);
    },
  };
}

/** The same FLOPs by the dense kernel: T·K rows through gate+up and down of one expert. */
export function denseItem(gpu: Gpu, type: Format, shape: LayerShape): Item {
  const { D, K, H, T } = shape;
  const rows = T * K;
  return {
    name: `dense ${type}`,
    what: `dense GEMM ${type} of the same FLOPs: ${rows} × ${D} by ${D} × ${2 * H}, ${rows} × ${H} by ${H} × ${D}`,
    work: { flops: 6 * D * H * rows, bytes: 3 * D * H * bytesPerWeight(type) + 8 * rows * D },
    async prepare(own) {
      const { gate, up, down } = randomExperts(type, { ...shape, E: 1 });
      const weights = [stackRows([gate, up]), down].map((tensor) => uploadWeights(gpu, tensor));
      for (const { buffer } of weights) own(buffer);
      const x = randomFloats(rows * D, 14);
      const activated = randomFloats(rows * H, 15);
      const inputs = [x, activated].map((values) => own(uploadBuffer(gpu.device, 'x', values)));
      const pass = own(uploadBuffer(gpu.device, 'pass', Uint32Array.of(rows, 0, 0, 0), PASS_STATE));
      const outputs = weights.map((weight) => own(createBuffer(gpu.device, 'y', 4 * rows * weight.rows)));
      const dispatches = await Promise.all(
        weights.map((weight, i) =>
          matmul(gpu, { weight, accumulate: false, scale: 1 }, { x: inputs[i], y: outputs[i], pass }),
        ),
      );
      const expected = new Map(
        sampledRows(rows).map((row) => {
          const input = Float64Array.from(activated.subarray(row * H, (row + 1) * H));
          return [row, matmulTwin(input, expertOf(down, 0), H)];
        }),
      );
      return prepared(gpu, dispatches, rows, outputs[1], expected);
    },
  };
}

/** A whole layer: router, experts, sum. Few tokens by decode's kernels, many by prefill's. */
export function layerItem(gpu: Gpu, type: Format, name: string, shape: LayerShape): Item {
  const { D, E, K, H, T } = shape;
  const touched = expectedExpertsTouched(E, K, T);
  return {
    name: `${name} ${type}`,
    what: `MoE layer ${type}, T = ${T}, D = ${D}, E = ${E}, K = ${K}, H = ${H}`,
    work: {
      flops: T * (6 * D * H * K + 2 * D * E),
      bytes: 3 * D * H * touched * bytesPerWeight(type) + 4 * D * E + 8 * T * D,
    },
    async prepare(own) {
      const experts = randomExperts(type, shape);
      const { x, router } = randomInputs(shape);
      const { device } = gpu;
      const site = layerSite(gpu, own, experts, shape);
      const input = own(uploadBuffer(device, 'x', x));
      const h = own(createBuffer(device, 'h', 4 * T * D));
      const slots = own(createBuffer(device, 'slots', slotBytes(T, K)));
      const routing = await route(
        gpu,
        { width: D, experts: E, slots: K, normaliseGates: true, epsilon: null },
        {
          x: input,
          normWeight: own(uploadBuffer(device, 'ones', new Float32Array(D).fill(1))),
          router: own(uploadBuffer(device, 'router', router)),
          control: own(uploadBuffer(device, 'control', controlWords(freeRouter(E, K), K))),
          h,
          slots,
          trace: own(createBuffer(device, 'trace', 4 * T * traceWords({ experts: E, slots: K }))),
          pass: site.pass,
        },
      );
      const kernels = T <= gpu.tuning.few ? few : many;
      const dispatches = [routing, ...(await kernels(gpu, shape, { ...site, h, slots }))];
      const expected = layerTwin(shape, experts, router, x);
      return prepared(gpu, dispatches, T, site.x, expected);
    },
  };
}

/** Weights on the GPU, and the buffers between the kernels. The sum goes to x: 0 at first, and larger with every repetition. */
function layerSite(gpu: Gpu, own: Own, { gate, up, down }: Experts, { D, E, K, H, T }: LayerShape) {
  const { device } = gpu;
  const empty = (label: string, bytes: number) => own(createBuffer(device, label, bytes));
  const gateUp = uploadWeights(gpu, stackRows([gate, up]));
  const downMatrix = uploadWeights(gpu, down);
  own(gateUp.buffer);
  own(downMatrix.buffer);
  return {
    ...{ gateUp, down: downMatrix },
    x: empty('x', 4 * T * D),
    y: empty('y', 4 * T * K * D),
    activated: empty('activated', 4 * T * K * H),
    offsets: empty('offsets', 4 * (E + 1)),
    order: empty('order', 4 * T * K),
    tiles: empty('tiles', tileListBytes(T, { experts: E, k: K })),
    pass: own(uploadBuffer(device, 'pass', Uint32Array.of(T, 0, 0, 0), PASS_STATE)),
  };
}

type Site = ReturnType<typeof layerSite> & { readonly h: GPUBuffer; readonly slots: GPUBuffer };

function few(gpu: Gpu, { K }: LayerShape, site: Site): Promise<Dispatch[]> {
  const { gateUp, down } = site;
  return Promise.all([expertUp(gpu, { gateUp, k: K }, site), expertDown(gpu, { down, k: K, scale: 1 }, site)]);
}

function many(gpu: Gpu, { D, E, K }: LayerShape, site: Site): Promise<Dispatch[]> {
  const { gateUp, down } = site;
  return Promise.all([
    plan(gpu, { experts: E, k: K }, site),
    groupedUp(gpu, { gateUp, k: K }, site),
    groupedDown(gpu, { down, k: K }, site),
    combine(gpu, { width: D, k: K, scale: 1 }, site),
  ]);
}
