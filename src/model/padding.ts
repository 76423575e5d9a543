/**
 * Rows that fill no whole chunk of what a GPU loads at once get zeros behind them, when a file is read: both engines then
 * run the same model. Its logits stay what they were, up to the rounding of the norms' weights, because
 *  · zeros add nothing to a product, and a hidden value that is zero gives zero;
 *  · a norm divides by the longer row, for which its weights and its epsilon make up;
 *  · the pairs of RoPE keep their partners and their angles, by another base.
 */
import { dequantise } from './dequantise.ts';
import { UserError } from './errors.ts';
import { BLOCKS } from './tensorTypes.ts';
import type { LayerWeights, ModelConfig, Tensor, TensorType, Weights } from './types.ts';

type Config = Omit<ModelConfig, 'parameters'>;

/** Values that a kernel loads at once; a row of blocks is whole ones already. */
const chunkOf = (type: TensorType): number => (type === 'f32' ? 4 : BLOCKS[type].values > 1 ? 32 : 8);

/** How the values of a row (or the rows) move apart: `groups` groups of `from` become groups of `to`. */
interface Spread {
  readonly groups: number;
  readonly from: number;
  readonly to: number;
  /** Where a group is split in two halves that both get zeros behind them. */
  readonly halves: boolean;
}

const plain = (from: number, to: number, groups = 1, halves = false): Spread => ({ groups, from, to, halves });

function place({ from, to, halves }: Spread, index: number): number {
  const inner = index % from;
  const gap = halves && inner >= from / 2 ? (to - from) / 2 : 0;
  return Math.floor(index / from) * to + inner + gap;
}

const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;

const widen = (tensor: Tensor): Tensor => {
  const values = dequantise(tensor);
  return { ...tensor, type: 'f32', data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
};

/** The matrix, or stack of matrices, with its columns and rows spread. Zeros are zeros in every format. */
function spread(tensor: Tensor, columns: Spread, rows: Spread = plain(1, 1, tensor.shape[1] ?? 1)): Tensor {
  const same = columns.from === columns.to;
  if (same && rows.from === rows.to) return tensor;
  // Columns of blocks cannot move apart.
  const source = !same && BLOCKS[tensor.type].values > 1 ? widen(tensor) : tensor;
  const [, , ...stack] = tensor.shape;
  const [width, height] = [columns.groups * columns.to, rows.groups * rows.to];
  const [oldWidth, oldHeight] = [columns.groups * columns.from, rows.groups * rows.from];
  const { values, bytes } = BLOCKS[source.type];
  // What moves in one piece: a whole row, or one value.
  const piece = same ? (oldWidth / values) * bytes : bytes;
  const pieces = same ? 1 : oldWidth;
  const count = stack.reduce((a, b) => a * b, 1);
  const data = new Uint8Array(count * height * (width / values) * bytes);
  for (let row = 0; row < count * oldHeight; row++) {
    const target = Math.floor(row / oldHeight) * height + place(rows, row % oldHeight);
    for (let i = 0; i < pieces; i++) {
      const from = (row * pieces + i) * piece;
      const to = target * (width / values) * bytes + (same ? 0 : place(columns, i) * bytes);
      data.set(source.data.subarray(from, from + piece), to);
    }
  }
  return { ...source, shape: tensor.shape.length > 1 ? [width, height, ...stack] : [width], data };
}

/** A norm's weights, made smaller as its row is longer. */
function spreadNorm(tensor: Tensor, row: Spread): Tensor {
  if (row.from === row.to) return tensor;
  const values = dequantise(tensor).map((value) => value * Math.sqrt(row.from / row.to));
  return spread({ ...tensor, type: 'f32', data: new Uint8Array(values.buffer) }, row);
}

/** The sizes that both kinds of chunks divide. */
function paddedSizes(config: Config, { tokenEmbedding, output, layers }: Weights) {
  const { width, expertHidden, heads, headDim, latent } = config;
  const chunk = (tensors: readonly (Tensor | null)[]) => Math.max(4, ...tensors.map((t) => (t ? chunkOf(t.type) : 4)));
  const pad = (size: number, multiple: number) => (size % multiple === 0 ? size : roundUp(size, multiple));
  const wide = chunk([
    tokenEmbedding,
    output,
    ...layers.flatMap((l) => [l.q, l.k, l.v, l.attentionGate, l.gate, l.up]),
  ]);
  const attended = chunk(layers.map((layer) => layer.attentionOutput));
  const whole = latent || (headDim % 4 === 0 && (heads * headDim) % attended === 0);
  return {
    width: pad(width, wide),
    expertHidden: pad(expertHidden, chunk(layers.map((layer) => layer.down))),
    headDim: whole ? headDim : roundUp(headDim, (heads * roundUp(headDim, 4)) % 8 === 0 ? 4 : 8),
  };
}

/** Nothing in it but what is moved apart below. */
const isPlain = (l: LayerWeights): boolean =>
  ![
    l.qBias,
    l.sharedGate,
    l.latent,
    l.outputBias,
    l.attentionGate,
    l.attentionNormBias,
    l.postAttentionNorm,
    l.gateBias,
  ].some(Boolean);

/** The same model in sizes that the kernels can load. */
export function padModel(config: Config, weights: Weights, streamed = false): { config: Config; weights: Weights } {
  const size = paddedSizes(config, weights);
  const { width: D, expertHidden: H, headDim, heads, kvHeads } = config;
  if (size.width === D && size.expertHidden === H && size.headDim === headDim) return { config, weights };
  const plainLayers = weights.layers.every(isPlain);
  if (
    streamed ||
    !plainLayers ||
    config.denseLayers > 0 ||
    config.convolutions.length > 0 ||
    config.ropeDim !== headDim ||
    config.ropeScaling !== null
  )
    throw new UserError(
      'unsupported-model',
      `This ${config.architecture} model can be run only where its rows fill whole chunks of 16 bytes.`,
    );
  const wide = plain(D, size.width);
  const hidden = plain(H, size.expertHidden);
  const inHeads = (count: number) => plain(headDim, size.headDim, count, config.ropeStyle === 'half');
  const headNorm = (count: number) => inHeads(config.qkNorm === 'head' ? 1 : count);
  const layer = (l: LayerWeights): LayerWeights => ({
    ...l,
    attentionNorm: spreadNorm(l.attentionNorm, wide),
    q: spread(l.q, wide, inHeads(heads)),
    k: spread(l.k, wide, inHeads(kvHeads)),
    v: l.v && spread(l.v, wide, inHeads(kvHeads)),
    qNorm: l.qNorm && spreadNorm(l.qNorm, headNorm(heads)),
    kNorm: l.kNorm && spreadNorm(l.kNorm, headNorm(kvHeads)),
    attentionOutput: spread(l.attentionOutput, inHeads(heads), wide),
    ffnNorm: spreadNorm(l.ffnNorm, wide),
    router: l.router && spread(l.router, wide),
    gate: spread(l.gate, wide, hidden),
    up: spread(l.up, wide, hidden),
    down: spread(l.down, hidden, wide),
  });
  const tokenEmbedding = spread(weights.tokenEmbedding, wide);
  const tied = weights.output === weights.tokenEmbedding;
  return {
    config: {
      ...config,
      ...size,
      ropeDim: size.headDim,
      normEpsilon: (config.normEpsilon * D) / size.width,
      qkNormEpsilon: (config.qkNormEpsilon * headDim) / size.headDim,
      ropeBase: config.ropeBase ** (size.headDim / headDim),
    },
    weights: {
      ...weights,
      tokenEmbedding,
      layers: weights.layers.map(layer),
      outputNorm: spreadNorm(weights.outputNorm, wide),
      output: tied ? tokenEmbedding : spread(weights.output, wide),
    },
  };
}
