/** Weights from a file to the GPU in pieces: never more of the file in memory than a few of them. */
import type { Gpu } from '../../gpu/types.ts';
import { submittedWorkDone } from '../../gpu/waits.ts';
import { emptyWeights, rowWriter, type WeightMatrix } from '../../kernels/weights.ts';
import { dequantise } from '../../model/dequantise.ts';
import type { NonFinite } from '../../model/nonFinite.ts';
import { bytesOf } from '../../model/stored.ts';
import type { Tensor, TensorType } from '../../model/types.ts';

/** Bytes of one read, at most; the next is under way while one is packed. */
const PIECE = 2 ** 23;
/** Bytes that may wait in the GPU's queue, which keeps a copy of each write until it is done. */
const QUEUED = 2 ** 24;

interface Piece {
  readonly tensor: Tensor;
  /** Rows counted over all experts of the tensor. */
  readonly from: number;
  readonly to: number;
  /** Where the rows of its first expert begin among those of the stacked matrix. */
  readonly offset: number;
}

function piecesOf(tensor: Tensor, offset: number): Piece[] {
  const [, rows = 1, experts = 1] = tensor.shape;
  const each = Math.max(1, Math.floor((PIECE * rows * experts) / bytesOf(tensor)));
  const pieces: Piece[] = [];
  for (let from = 0; from < rows * experts; from += each)
    pieces.push({ tensor, offset, from, to: Math.min(from + each, rows * experts) });
  return pieces;
}

/** The matrices stacked inside each expert, as `type`: their own, or f32. */
export async function streamMatrix(
  gpu: Gpu,
  tensors: readonly Tensor[],
  type: TensorType,
  found: NonFinite,
): Promise<WeightMatrix> {
  const [{ shape }] = tensors;
  const [columns, , experts = 1] = shape;
  const heights = tensors.map((tensor) => tensor.shape[1] ?? 1);
  const rows = heights.reduce((a, b) => a + b);
  const name = tensors.map((tensor) => tensor.name).join('+');
  const weights = emptyWeights(gpu, { name, type, shape: [columns, rows, experts] });
  const write = rowWriter(gpu, weights);
  const pieces = tensors.flatMap((tensor, i) =>
    piecesOf(
      tensor,
      heights.slice(0, i).reduce((a, b) => a + b, 0),
    ),
  );
  let coming = bring(pieces[0]);
  let queued = 0;
  for (const [i, { tensor, from, to, offset }] of pieces.entries()) {
    const data = await coming;
    found.add({ name: tensor.name, type: tensor.type, data });
    if (i + 1 < pieces.length) coming = bring(pieces[i + 1]);
    // Awaited in the next turn; until then it must not count as unhandled.
    coming.catch(() => {});
    const height = tensor.shape[1] ?? 1;
    const wide = tensor.type === type ? data : bytesOfValues(dequantise({ type: tensor.type, data }));
    const rowBytes = wide.length / (to - from);
    for (let row = from; row < to; ) {
      const expert = Math.floor(row / height);
      const end = Math.min(to, (expert + 1) * height);
      write(expert * rows + offset + (row % height), wide.subarray((row - from) * rowBytes, (end - from) * rowBytes));
      row = end;
    }
    queued += wide.length;
    if (queued >= QUEUED) {
      await submittedWorkDone(gpu.device);
      queued = 0;
    }
  }
  return weights;
}

const bytesOfValues = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

async function bring({ tensor, from, to }: Piece): Promise<Uint8Array> {
  const [, rows = 1, experts = 1] = tensor.shape;
  const rowBytes = bytesOf(tensor) / (rows * experts);
  return tensor.stored
    ? tensor.stored.read(from * rowBytes, to * rowBytes)
    : tensor.data.subarray(from * rowBytes, to * rowBytes);
}
