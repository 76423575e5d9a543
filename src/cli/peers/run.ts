/** One comparison in the page: every contender is made, checked against the f64 reference, and timed in turns. */
import { interleave, type Stopwatch } from '../../compare/sampler.ts';
import { relativeDifference } from '../../compare/search.ts';
import type { Tuning } from '../../gpu/types.ts';
import { dequantise } from '../../model/dequantise.ts';
import type { Tensor } from '../../model/types.ts';
import { matmul as matmulTwin } from '../../reference/linear.ts';
import { randomFloats } from '../bench/data.ts';
import { type Experts, type LayerShape, layerTwin, randomExperts, randomInputs, tokenTwin } from '../bench/experts.ts';
import { sampledRows } from '../bench/measure.ts';
import { describeJob, LAYER_PEERS, MATMUL_PEERS, type PeerJob } from './configs.ts';
import { type Contender, type LayerData, type MatmulData, type MatmulShape, type Q4, transpose } from './contender.ts';
import { type Floor, floorLayer, floorMatmul } from './floors.ts';
import { ortLayer, ortMatmul } from './ort.ts';
import { ourLayer, ourMatmul } from './ours.ts';
import type { PeerConfig, PeerRow } from './report.ts';
import { tfjsMatmul } from './tfjs.ts';

export interface PeerOptions {
  readonly rounds: number;
  readonly only: string;
  readonly tuning: Partial<Tuning>;
}

/** QMoE multiplies in 8 bits and is about 1e-2 off; what is further off computes something else. */
const TOLERANCE = 0.05;

type Rows = ReadonlyMap<number, Float64Array>;

interface Entrant {
  readonly peer: string;
  readonly expected: Rows;
  make(): Promise<Contender>;
}

/** Calls one after the other: each ends with its values in memory, so nothing has to be taken out. */
const watch: Stopwatch<Contender> = {
  clock: 'wall',
  submits: false,
  async run(contender, repeats) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) await contender.run();
    const milliseconds = performance.now() - start;
    return { milliseconds, wall: milliseconds };
  },
  destroy() {},
};

export async function comparePeers(job: PeerJob, { rounds, only, tuning }: PeerOptions): Promise<PeerConfig> {
  const all = job.kind === 'matmul' ? matmulEntrants(job.shape, tuning) : layerEntrants(job.shape, tuning);
  const wanted = all.filter(({ peer }) => new RegExp(only).test(`${job.id}/${peer}`));
  const rows: PeerRow[] = [];
  const ready: { row: number; contender: Contender }[] = [];
  for (const { peer, expected, make } of wanted) {
    try {
      const contender = await make();
      const error = errorOf(await contender.run(), expected);
      rows.push({ peer, time: null, error, note: contender.note ?? '' });
      if (error <= TOLERANCE) ready.push({ row: rows.length - 1, contender });
      else await contender.destroy();
    } catch (cause) {
      rows.push({ peer, time: null, error: null, note: `failed: ${(cause as Error).message.slice(0, 300)}` });
    }
  }
  const timings = await interleave(
    watch,
    ready.map(({ contender }) => contender),
    { rounds },
  );
  for (const [i, { row, contender }] of ready.entries()) {
    rows[row] = { ...rows[row], time: timings[i].time };
    await contender.destroy();
  }
  return { id: job.id, what: describeJob(job), rows };
}

function errorOf(actual: Float32Array, expected: Rows): number {
  const [found, wanted] = [[] as number[], [] as number[]];
  for (const [row, values] of expected) {
    found.push(...actual.subarray(row * values.length, (row + 1) * values.length));
    wanted.push(...values);
  }
  return relativeDifference(found, wanted);
}

function matmulEntrants(shape: MatmulShape, tuning: Partial<Tuning>): Entrant[] {
  const { M, K, N } = shape;
  const b = randomFloats(K * N, 22);
  const data: MatmulData = { shape, a: randomFloats(M * K, 21), b, bT: transpose(b, K, N) };
  const expected = new Map(
    sampledRows(M).map((row) => [
      row,
      matmulTwin(Float64Array.from(data.a.subarray(row * K, (row + 1) * K)), data.bT, K),
    ]),
  );
  const make: Record<(typeof MATMUL_PEERS)[number], () => Promise<Contender>> = {
    ours: () => ourMatmul(data, tuning),
    'wgsl-naive': () => floorMatmul(data, 'naive' satisfies Floor),
    'wgsl-vec4': () => floorMatmul(data, 'vec4'),
    'wgsl-tiled': () => floorMatmul(data, 'tiled'),
    tfjs: () => tfjsMatmul(data),
    ort: () => ortMatmul(data),
  };
  return MATMUL_PEERS.map((peer) => ({ peer, expected, make: make[peer] }));
}

function layerEntrants(shape: LayerShape, tuning: Partial<Tuning>): Entrant[] {
  const experts = randomExperts('q4_0', shape);
  const { x, router } = randomInputs(shape);
  const each = <T>(of: (tensor: Tensor) => T) => ({
    gate: of(experts.gate),
    up: of(experts.up),
    down: of(experts.down),
  });
  const data: LayerData = { shape, x, router, f32: each(dequantise), q4: each(unpack) };
  const routed = layerTwin(shape, experts, router, x);
  const dense = denseTwin(shape, experts, x);
  const make: Record<(typeof LAYER_PEERS)[number], () => Promise<Contender>> = {
    ours: () => ourLayer(data, tuning),
    'wgsl-naive': () => floorLayer(data),
    'ort-qmoe4': () => ortLayer(data, 'qmoe'),
    'ort-dense-active-q4': () => ortLayer(data, 'dense-q4'),
    'ort-dense-active': () => ortLayer(data, 'dense'),
  };
  return LAYER_PEERS.map((peer) => ({ peer, expected: peer.includes('dense') ? dense : routed, make: make[peer] }));
}

/** The first K experts for every token, each with weight 1: one dense layer of K·H hidden units. */
function denseTwin({ D, K, T }: LayerShape, experts: Experts, x: Float32Array): Map<number, Float64Array> {
  const slots = Array.from({ length: K }, (_, expert) => [expert, 1] as const);
  return new Map(
    sampledRows(T).map((t) => [t, tokenTwin(experts, slots, Float64Array.from(x.subarray(t * D, (t + 1) * D)))]),
  );
}

/** ggml's q4_0 blocks as codes in a row and scales. */
function unpack({ data }: Tensor): Q4 {
  const blocks = data.length / 18;
  const codes = new Uint8Array(32 * blocks);
  const halves = new Uint8Array(2 * blocks);
  for (let block = 0; block < blocks; block++) {
    const at = 18 * block;
    halves.set(data.subarray(at, at + 2), 2 * block);
    for (let j = 0; j < 16; j++) {
      codes[32 * block + j] = data[at + 2 + j] & 15;
      codes[32 * block + j + 16] = data[at + 2 + j] >> 4;
    }
  }
  return { codes, scales: dequantise({ type: 'f16', data: halves }) };
}
