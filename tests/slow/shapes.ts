/**
 * Random models of published models' true shapes in Q4_K and Q6_K, as bytes that are nowhere until they are asked for: Granite 3.1
 * 1B-A400M (0.8 GB), its dense twin of the same total, whose FFN is as wide as all experts together, and OLMoE-1B-7B (4 GB).
 */
import { BLOCKS, TENSOR_TYPES } from '../../src/model/tensorTypes.ts';
import type { TensorType } from '../../src/model/types.ts';
import { randomModelParts, randomSource } from '../model/randomModel.ts';
import { writeHeader } from '../model/writeGguf.ts';

interface Shape {
  readonly architecture: 'granitemoe' | 'qwen3' | 'olmoe';
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  /** Of an expert, or of the dense FFN. */
  readonly hidden: number;
  /** 0: the FFNs are dense. */
  readonly experts: number;
  readonly vocabulary: number;
  readonly context: number;
  /** Values of the norms of queries and keys; 0: there are none. */
  readonly headNorms: number;
  readonly tied: boolean;
  readonly factors?: Readonly<Record<string, { f32: number }>>;
}

/** Of each token's, in the layers that route. */
const CHOSEN = 8;

export const GRANITE: Shape = {
  ...{
    architecture: 'granitemoe',
    width: 1024,
    layers: 24,
    heads: 16,
    kvHeads: 8,
    headWidth: 64,
    hidden: 512,
    experts: 32,
  },
  ...{ vocabulary: 49155, context: 131072, headNorms: 0, tied: true },
  factors: { 'attention.scale': { f32: 0.015625 }, residual_scale: { f32: 0.22 } },
};
export const GRANITE_DENSE: Shape = {
  ...GRANITE,
  architecture: 'qwen3',
  hidden: GRANITE.experts * GRANITE.hidden,
  experts: 0,
  headNorms: 64,
  factors: {},
};
export const OLMOE: Shape = {
  ...{
    architecture: 'olmoe',
    width: 2048,
    layers: 16,
    heads: 16,
    kvHeads: 16,
    headWidth: 128,
    hidden: 1024,
    experts: 64,
  },
  ...{ vocabulary: 50304, context: 4096, headNorms: 2048, tied: false },
};

const idOf = (type: TensorType) => [...TENSOR_TYPES].find(([, name]) => name === type)![0];

interface Sized {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

function tensors(shape: Shape): Sized[] {
  const { width: D, layers: LAYERS, hidden: H, experts: E, vocabulary: V, headNorms } = shape;
  const [queries, keys] = [shape.heads * shape.headWidth, shape.kvHeads * shape.headWidth];
  const of = (name: string, type: TensorType, ...shape: number[]): Sized => ({ name, shape, type });
  const layer = (i: number): Sized[] => {
    const at = `blk.${i}.`;
    // As a Q4_K_M file mixes them.
    const more = i < LAYERS / 8 || i >= (7 * LAYERS) / 8 || (i - LAYERS / 8) % 3 === 2 ? 'q6_k' : 'q4_k';
    return [
      of(`${at}attn_norm.weight`, 'f32', D),
      of(`${at}attn_q.weight`, 'q4_k', D, queries),
      of(`${at}attn_k.weight`, 'q4_k', D, keys),
      of(`${at}attn_v.weight`, more, D, keys),
      of(`${at}attn_output.weight`, 'q4_k', queries, D),
      of(`${at}ffn_norm.weight`, 'f32', D),
      ...(headNorms
        ? [of(`${at}attn_q_norm.weight`, 'f32', headNorms), of(`${at}attn_k_norm.weight`, 'f32', headNorms)]
        : []),
      ...(E
        ? [
            of(`${at}ffn_gate_inp.weight`, 'f32', D, E),
            of(`${at}ffn_gate_exps.weight`, 'q4_k', D, H, E),
            of(`${at}ffn_up_exps.weight`, 'q4_k', D, H, E),
            of(`${at}ffn_down_exps.weight`, more, H, D, E),
          ]
        : [
            of(`${at}ffn_gate.weight`, 'q4_k', D, H),
            of(`${at}ffn_up.weight`, 'q4_k', D, H),
            of(`${at}ffn_down.weight`, more, H, D),
          ]),
    ];
  };
  const layers = Array.from({ length: LAYERS }, (_, i) => layer(i)).flat();
  return [
    of('token_embd.weight', shape.tied ? 'q6_k' : 'q4_k', D, V),
    ...(shape.tied ? [] : [of('output.weight', 'q6_k', D, V)]),
    of('output_norm.weight', 'f32', D),
    ...layers,
  ];
}

const bytesOf = ({ type, shape }: Sized) => (shape.reduce((a, b) => a * b) / BLOCKS[type].values) * BLOCKS[type].bytes;

/** 64 KiB of random blocks with sane factors, which a tensor repeats. */
function pattern(type: TensorType, seed: number): Uint8Array {
  const next = randomSource(seed);
  const { bytes, halves } = BLOCKS[type];
  const data = new Uint8Array(bytes * Math.max(1, Math.floor(65536 / bytes)));
  if (type === 'f32') {
    const floats = new Float32Array(data.buffer);
    for (let i = 0; i < floats.length; i++) floats[i] = next() - 0.2;
    return data;
  }
  for (let i = 0; i < data.length; i++) data[i] = Math.floor(256 * next());
  // Small scales: 2⁻¹⁴ and a little.
  for (let at = 0; at < data.length; at += bytes)
    for (const half of halves) data.set([Math.floor(256 * next()), 0x04], at + half);
  return data;
}

/** Its length, and bytes [from, to) of it. */
export interface SlicedFile {
  readonly size: number;
  slice(from: number, to: number): Uint8Array<ArrayBuffer>;
}

export function shapedFile(shape: Shape): SlicedFile {
  const list = tensors(shape);
  const { architecture, experts } = shape;
  const { metadata } = randomModelParts(architecture, { layers: 1, vocabulary: shape.vocabulary });
  const u32 = (value: number) => ({ u32: value });
  const own = {
    context_length: u32(shape.context),
    embedding_length: u32(shape.width),
    block_count: u32(shape.layers),
    feed_forward_length: u32(shape.hidden),
    'attention.head_count': u32(shape.heads),
    'attention.head_count_kv': u32(shape.kvHeads),
    'attention.key_length': u32(shape.headWidth),
    'attention.value_length': u32(shape.headWidth),
    'rope.dimension_count': u32(shape.headWidth),
    ...(experts && { expert_count: u32(experts), expert_used_count: u32(CHOSEN) }),
    ...shape.factors,
  };
  const header = writeHeader(
    {
      ...metadata,
      ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
    },
    list.map((tensor) => ({ ...tensor, typeId: idOf(tensor.type), data: { length: bytesOf(tensor) } })),
  );
  const starts: { at: number; bytes: number; data: Uint8Array }[] = [{ at: 0, bytes: header.length, data: header }];
  let size = header.length;
  list.forEach((tensor, i) => {
    starts.push({ at: size, bytes: bytesOf(tensor), data: pattern(tensor.type, i) });
    size += Math.ceil(bytesOf(tensor) / 32) * 32;
  });
  const slice = (from: number, to: number): Uint8Array<ArrayBuffer> => {
    const out = new Uint8Array(to - from);
    for (const { at, bytes, data } of starts) {
      for (let i = Math.max(from, at); i < Math.min(to, at + bytes); ) {
        const within = (i - at) % data.length;
        const count = Math.min(data.length - within, Math.min(to, at + bytes) - i);
        out.set(data.subarray(within, within + count), i - from);
        i += count;
      }
    }
    return out;
  };
  return { size, slice };
}
