/** onnxruntime-web on its WebGPU provider: QMoE, dense layers, one matrix product. The models are written on the spot. */
import type { Contender, LayerData, MatmulData, Q4 } from './contender.ts';
import { load, PEERS_PATH, transpose } from './contender.ts';
import { node, onnxModel, type Pieces, tensor } from './onnx.ts';

const MS = 'com.microsoft';
const BLOCK = 32;

/** Two codes to a byte, the first in the low half; the zero point 8 is the operators' default. */
function pack(codes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(codes.length / 2);
  for (let i = 0; i < packed.length; i++) packed[i] = codes[2 * i] | (codes[2 * i + 1] << 4);
  return packed;
}

/** Rows of a and b in turn, as QMoE wants gate and up. */
function interleaveRows<T extends Float32Array | Uint8Array>(a: T, b: T, width: number): T {
  const rows = new (a.constructor as new (length: number) => T)(2 * a.length);
  for (let row = 0; row < a.length / width; row++) {
    rows.set(a.subarray(row * width, (row + 1) * width), 2 * row * width);
    rows.set(b.subarray(row * width, (row + 1) * width), (2 * row + 1) * width);
  }
  return rows;
}

function qmoe({ shape: { D, E, K, H }, router, q4: { gate, up, down } }: LayerData): Pieces[] {
  return [
    tensor('router', transpose(router, E, D), [D, E]),
    node('MatMul', ['x', 'router'], ['logits']),
    tensor('w1', interleaveRows(pack(gate.codes), pack(up.codes), D / 2), [E, 2 * H, D / 2]),
    tensor('s1', interleaveRows(gate.scales, up.scales, D / BLOCK), [E, 2 * H, D / BLOCK]),
    tensor('w2', pack(down.codes), [E, D, H / 2]),
    tensor('s2', down.scales, [E, D, H / BLOCK]),
    node(
      'QMoE',
      ['x', 'logits', 'w1', 's1', '', 'w2', 's2'],
      ['y'],
      {
        ...{ k: K, activation_type: 'swiglu', swiglu_fusion: 1, normalize_routing_weights: 1 },
        ...{ activation_alpha: { f: 1 }, activation_beta: { f: 0 }, swiglu_limit: { f: 1e9 } },
        ...{ expert_weight_bits: 4, block_size: BLOCK },
      },
      MS,
    ),
  ];
}

/** Row d of the first n experts' down matrices side by side. [E, D, width] → [D, n·width] */
function joinColumns<T extends Float32Array | Uint8Array>(down: T, n: number, D: number, width: number): T {
  const joined = new (down.constructor as new (length: number) => T)(D * n * width);
  for (let row = 0; row < D; row++) {
    for (let expert = 0; expert < n; expert++) {
      const from = (expert * D + row) * width;
      joined.set(down.subarray(from, from + width), (row * n + expert) * width);
    }
  }
  return joined;
}

const SWIGLU = [node('Sigmoid', ['g'], ['s']), node('Mul', ['g', 's'], ['a']), node('Mul', ['a', 'u'], ['h'])];

/** The first k experts side by side: one dense layer of the same active size, without routing. */
function denseActive({ shape: { D, K, H }, f32, q4 }: LayerData, quantised: boolean): Pieces[] {
  const N = K * H;
  const product = (name: 'gate' | 'up' | 'down', input: string, output: string): Pieces[] => {
    const [rows, columns] = name === 'down' ? [D, N] : [N, D];
    const cut = <T extends Float32Array | Uint8Array>(values: T, per: number): T =>
      name === 'down' ? joinColumns(values, K, D, H / per) : (values.subarray(0, (N * D) / per) as T);
    if (!quantised) {
      return [
        tensor(name, transpose(cut(f32[name], 1), rows, columns), [columns, rows]),
        node('MatMul', [input, name], [output]),
      ];
    }
    const { codes, scales }: Q4 = q4[name];
    return [
      tensor(name, pack(cut(codes, 1)), [rows, columns / BLOCK, BLOCK / 2]),
      tensor(`${name}Scales`, cut(scales, BLOCK), [rows, columns / BLOCK]),
      node(
        'MatMulNBits',
        [input, name, `${name}Scales`],
        [output],
        { K: columns, N: rows, bits: 4, block_size: BLOCK, accuracy_level: 1 },
        MS,
      ),
    ];
  };
  return [...product('gate', 'x', 'g'), ...product('up', 'x', 'u'), ...SWIGLU, ...product('down', 'h', 'y')];
}

interface Runtime {
  readonly env: { readonly wasm: { wasmPaths: string; numThreads: number } };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
}
interface Session {
  run(feeds: object): Promise<{ y: { getData(release: boolean): Promise<Float32Array> } }>;
  release(): Promise<void>;
}

/** Asks for no CPU fallback first, to learn whether there would be one. */
async function session(
  model: Uint8Array,
  name: string,
  data: Float32Array,
  dims: readonly number[],
): Promise<Contender> {
  const ort = (await load('onnxruntime-web/dist/ort.webgpu.bundle.min.mjs')) as unknown as Runtime;
  ort.env.wasm.wasmPaths = `${PEERS_PATH}onnxruntime-web/dist/`;
  ort.env.wasm.numThreads = navigator.hardwareConcurrency;
  const options = { executionProviders: ['webgpu'], graphOptimizationLevel: 'all', logSeverityLevel: 3 };
  const strict = { ...options, extra: { session: { disable_cpu_ep_fallback: '1' } } };
  let note = 'all nodes on WebGPU';
  const made = await ort.InferenceSession.create(model, strict).catch(() => {
    note = 'some nodes on the CPU';
    return ort.InferenceSession.create(model, options);
  });
  return {
    note,
    async run() {
      const { y } = await made.run({ [name]: new ort.Tensor('float32', data, dims) });
      return y.getData(true);
    },
    destroy: () => made.release(),
  };
}

export function ortLayer(data: LayerData, kind: 'qmoe' | 'dense' | 'dense-q4'): Promise<Contender> {
  const { T, D } = data.shape;
  const parts = kind === 'qmoe' ? qmoe(data) : denseActive(data, kind === 'dense-q4');
  return session(onnxModel(parts, { x: [T, D] }, { y: [T, D] }), 'x', data.x, [T, D]);
}

export function ortMatmul({ shape: { M, K, N }, a, b }: MatmulData): Promise<Contender> {
  const parts = [tensor('b', b, [K, N]), node('MatMul', ['a', 'b'], ['y'])];
  return session(onnxModel(parts, { a: [M, K] }, { y: [M, N] }), 'a', a, [M, K]);
}
