/**
 * A random model of Granite 3.1 1B-A400M's true shape in Q4_K and Q6_K, 0.8 GB, or its dense twin of the same total, whose FFN
 * is as wide as all experts together, as bytes that are nowhere until they are asked for.
 */
import { BLOCKS, TENSOR_TYPES } from '../../src/model/tensorTypes.ts';
import type { TensorType } from '../../src/model/types.ts';
import { randomModelParts, randomSource } from '../model/randomModel.ts';
import { writeHeader } from '../model/writeGguf.ts';

const [D, LAYERS, HEADS, KV, H, E, K, V] = [1024, 24, 16, 8, 512, 32, 8, 49155];
const idOf = (type: TensorType) => [...TENSOR_TYPES].find(([, name]) => name === type)![0];

interface Sized {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
}

function tensors(dense: boolean): Sized[] {
  const of = (name: string, type: TensorType, ...shape: number[]): Sized => ({ name, shape, type });
  const layer = (i: number): Sized[] => {
    const at = `blk.${i}.`;
    // As a Q4_K_M file mixes them.
    const more = i < LAYERS / 8 || i >= (7 * LAYERS) / 8 || (i - LAYERS / 8) % 3 === 2 ? 'q6_k' : 'q4_k';
    return [
      of(`${at}attn_norm.weight`, 'f32', D),
      of(`${at}attn_q.weight`, 'q4_k', D, D),
      of(`${at}attn_k.weight`, 'q4_k', D, KV * 64),
      of(`${at}attn_v.weight`, more, D, KV * 64),
      of(`${at}attn_output.weight`, 'q4_k', D, D),
      of(`${at}ffn_norm.weight`, 'f32', D),
      ...(dense
        ? [
            of(`${at}attn_q_norm.weight`, 'f32', 64),
            of(`${at}attn_k_norm.weight`, 'f32', 64),
            of(`${at}ffn_gate.weight`, 'q4_k', D, E * H),
            of(`${at}ffn_up.weight`, 'q4_k', D, E * H),
            of(`${at}ffn_down.weight`, more, E * H, D),
          ]
        : [
            of(`${at}ffn_gate_inp.weight`, 'f32', D, E),
            of(`${at}ffn_gate_exps.weight`, 'q4_k', D, H, E),
            of(`${at}ffn_up_exps.weight`, 'q4_k', D, H, E),
            of(`${at}ffn_down_exps.weight`, more, H, D, E),
          ]),
    ];
  };
  const layers = Array.from({ length: LAYERS }, (_, i) => layer(i)).flat();
  return [of('token_embd.weight', 'q6_k', D, V), of('output_norm.weight', 'f32', D), ...layers];
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

export function graniteFile(dense = false): SlicedFile {
  const list = tensors(dense);
  const architecture = dense ? 'qwen3' : 'granitemoe';
  const { metadata } = randomModelParts(architecture, { layers: 1, vocabulary: V });
  const u32 = (value: number) => ({ u32: value });
  const own = {
    context_length: u32(131072),
    embedding_length: u32(D),
    block_count: u32(LAYERS),
    feed_forward_length: u32(dense ? E * H : H),
    'attention.head_count': u32(HEADS),
    'attention.head_count_kv': u32(KV),
    'attention.key_length': u32(64),
    'attention.value_length': u32(64),
    'rope.dimension_count': u32(64),
    ...(!dense && {
      expert_count: u32(E),
      expert_used_count: u32(K),
      'attention.scale': { f32: 0.015625 },
      residual_scale: { f32: 0.22 },
    }),
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
