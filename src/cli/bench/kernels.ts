/** The kernels one by one, on shapes that other engines are timed with as well. */

import { bytesPerWeight } from '../../compare/twins.ts';
import { createBuffer, PASS_STATE, uploadBuffer } from '../../gpu/buffers.ts';
import { encode } from '../../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { attention } from '../../kernels/attention.ts';
import { gemv } from '../../kernels/gemv.ts';
import { matmul } from '../../kernels/matmul.ts';
import { uploadWeights } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import { attention as attentionTwin } from '../../reference/attention.ts';
import { matmul as matmulTwin } from '../../reference/linear.ts';
import { randomFloats, randomWeights } from './data.ts';
import { errorOf, type Item, type Own, sampledRows } from './measure.ts';

type Format = 'f32' | 'q4_0';

/** y = x·Wᵀ: few tokens by gemv, many by the tiled kernel. */
export function linearItem(gpu: Gpu, type: Format, tokens: number, columns: number, rows: number): Item {
  const few = tokens <= 8;
  return {
    name: `${few ? 'gemv' : 'gemm'} ${type} ${tokens}×${columns}×${rows}`,
    what: `dense ${type}, ${tokens} × ${columns} by ${columns} × ${rows}`,
    work: {
      flops: 2 * tokens * columns * rows,
      bytes: columns * rows * bytesPerWeight(type) + 4 * tokens * (columns + rows),
    },
    async prepare(own) {
      const tensor = randomWeights(type, [columns, rows], 1);
      const weight = uploadWeights(gpu, tensor);
      own(weight.buffer);
      const x = randomFloats(tokens * columns, 2);
      const { buffers, y } = around(gpu, own, x, tokens * rows, tokens);
      const dispatch = few
        ? await gemv(gpu, { weight, norm: null, accumulate: false, scale: 1 }, buffers)
        : await matmul(gpu, { weight, accumulate: false, scale: 1 }, buffers);
      const values = dequantise(tensor);
      const expected = new Map(
        sampledRows(tokens).map((row) => {
          const input = Float64Array.from(x.subarray(row * columns, (row + 1) * columns));
          return [row, matmulTwin(input, values, columns)];
        }),
      );
      return prepared(gpu, [dispatch], tokens, y, expected);
    },
  };
}

/** Causal attention of the last `tokens` of `context` positions, heads as in a small model. */
export function attentionItem(gpu: Gpu, tokens: number, context: number): Item {
  const shape = { heads: 8, kvHeads: 4, headDim: 64, scale: 1 / 8 };
  const { heads, kvHeads, headDim } = shape;
  const seen = (tokens * (2 * context - tokens + 1)) / 2;
  return {
    name: `attention ${tokens} of ${context}`,
    what: `attention, ${tokens} token${tokens > 1 ? 's' : ''} at the end of ${context}, ${heads} heads of ${headDim}, ${kvHeads} KV heads`,
    work: { flops: 4 * heads * headDim * seen, bytes: 4 * (2 * context * kvHeads + 2 * tokens * heads) * headDim },
    async prepare(own) {
      const q = randomFloats(tokens * heads * headDim, 3);
      const [keys, values] = [4, 5].map((seed) => randomFloats(context * kvHeads * headDim, seed));
      const position = context - tokens;
      const { buffers, y } = around(gpu, own, q, q.length, tokens, position);
      const [kCache, vCache] = [keys, values].map((each) => own(uploadBuffer(gpu.device, 'cache', each)));
      const { x, ...rest } = buffers;
      const dispatch = await attention(gpu, { ...shape, contextLength: context }, { q: x, kCache, vCache, ...rest });
      const [k, v] = [keys, values].map((each) => Float64Array.from(each));
      const width = heads * headDim;
      const expected = new Map(
        sampledRows(tokens).map((row) => {
          const input = Float64Array.from(q.subarray(row * width, (row + 1) * width));
          return [row, attentionTwin(shape, input, k, v, position + row)];
        }),
      );
      return prepared(gpu, [dispatch], tokens, y, expected);
    },
  };
}

/** Input, output and pass state of a kernel. */
function around(gpu: Gpu, own: Own, x: Float32Array, outputs: number, tokens: number, position = 0) {
  const y = own(createBuffer(gpu.device, 'y', 4 * outputs));
  const pass = own(uploadBuffer(gpu.device, 'pass', Uint32Array.of(tokens, position, 0, 0), PASS_STATE));
  return { y, buffers: { x: own(uploadBuffer(gpu.device, 'x', x)), y, pass } };
}

export function prepared(
  gpu: Gpu,
  dispatches: readonly Dispatch[],
  tokens: number,
  output: GPUBuffer,
  expected: ReadonlyMap<number, Float64Array>,
) {
  return {
    encode: (pass: GPUComputePassEncoder) => encode(pass, dispatches, tokens),
    check: () => errorOf(gpu, dispatches, tokens, output, expected),
  };
}
