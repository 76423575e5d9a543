/**
 * Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434) as files have it: absorbed, with one matrix from a head's query
 * to the latent vector and one from there to the head's value; or, in older files, with a matrix that expands the latent vector
 * to keys and values. The second is made into the first: the same sums in another order.
 */
import { dequantise } from './dequantise.ts';
import { UserError } from './errors.ts';
import type { Metadata } from './metadata.ts';
import { inMemory, partOf, rowsOf } from './stored.ts';
import { BLOCKS } from './tensorTypes.ts';
import type { Architecture, Latent, Tensor } from './types.ts';

/** What the kernel holds of a position. */
const MOST_RANK = 512;
const MOST_TURNED = 128;

/** llama.cpp's sign of a model whose queries are made at once. */
const isLite = (layers: number, vocabulary: number) =>
  layers === 26 || layers === 27 || (layers === 48 && vocabulary === 128_256);

/** @throws UserError */
export function readLatent(metadata: Metadata, arch: Architecture, layers: number, vocabulary: number): Latent {
  const whole = (name: string, least = 1) => metadata.whole(`${arch}.${name}`, undefined, least);
  const absorbed = metadata.entries.has(`${arch}.attention.key_length_mla`);
  const suffix = absorbed ? '_mla' : '';
  const turned = whole('rope.dimension_count');
  const latent = {
    rank: whole('attention.kv_lora_rank'),
    plain: whole(`attention.key_length${suffix}`) - turned,
    turned,
    value: whole(`attention.value_length${suffix}`),
    queryRank: isLite(layers, vocabulary) ? 0 : whole('attention.q_lora_rank', 0),
  };
  if (latent.plain <= 0)
    throw new UserError('bad-file', `The file contradicts itself: ${turned} values of a narrower head turn.`);
  if (latent.rank > MOST_RANK || turned > MOST_TURNED)
    throw new UserError(
      'unsupported-model',
      `This ${arch} model keeps ${latent.rank} + ${turned} values of a position; up to ${MOST_RANK} + ${MOST_TURNED} can be run.`,
    );
  const odd = Object.values(latent).find((size) => size % 4 !== 0);
  if (odd !== undefined)
    throw new UserError(
      'unsupported-model',
      `This ${arch} model can be run only where its heads’ parts are multiples of 4, not ${odd}.`,
    );
  return latent;
}

const f32Bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** [columns, rows, count] → [rows, columns, count], in f32: blocks of a row cannot be turned. */
function transposed(stack: Tensor): Tensor {
  const [columns, rows, count] = stack.shape;
  const one = (values: Float32Array) => {
    const turned = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) turned[(i % columns) * rows + Math.floor(i / columns)] = values[i];
    return turned;
  };
  const each = columns * rows * BLOCKS.f32.bytes;
  const matrix = async (head: number) =>
    f32Bytes(
      one(dequantise(await inMemory({ ...partOf(stack, head / count, (head + 1) / count), shape: [columns, rows] }))),
    );
  async function read(start: number, end: number): Promise<Uint8Array> {
    const data = new Uint8Array(end - start);
    for (let head = Math.floor(start / each); head * each < end; head++) {
      const [from, to] = [Math.max(start, head * each), Math.min(end, (head + 1) * each)];
      data.set((await matrix(head)).subarray(from - head * each, to - head * each), from - start);
    }
    return data;
  }
  const made = { ...stack, type: 'f32', shape: [rows, columns, count] } as const;
  if (stack.stored) return { ...made, stored: { read } };
  const values = dequantise(stack);
  const size = columns * rows;
  const data = new Float32Array(values.length);
  for (let head = 0; head < count; head++) data.set(one(values.subarray(head * size, (head + 1) * size)), head * size);
  return { ...made, data: f32Bytes(data) };
}

/** From the matrix of older files, [rank, heads·(plain + value)], what the absorbed form has. */
export function absorb(
  expanded: Tensor,
  { rank, plain, value }: Latent,
  heads: number,
): { keyUp: Tensor; valueUp: Tensor } {
  const stack = { ...expanded, shape: [rank, plain + value, heads] };
  return {
    keyUp: transposed(rowsOf(stack, `${expanded.name} (keys)`, 0, plain)),
    valueUp: rowsOf(stack, `${expanded.name} (values)`, plain, plain + value),
  };
}
