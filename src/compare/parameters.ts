/**
 * How many parameters a published model has, from its shapes alone: the matrices and biases; the vectors of its norms,
 * less than a ten-thousandth of it, are left out.
 */
import type { ParameterCount, Precision, PublishedFacts } from './contract.ts';
import type { BlockShape } from './costModel.ts';
import type { AttentionShape, PublishedModel } from './published.ts';
import { bytesPerWeight } from './twins.ts';

/** One layer's attention. */
function attentionParameters(width: number, attention: AttentionShape): number {
  if (attention.kind === 'grouped-query') {
    const { heads, kvHeads, headDim, bias } = attention;
    const qkv = (heads + 2 * kvHeads) * headDim;
    const biases = (bias === 'none' ? 0 : qkv) + (bias === 'qkvo' ? width : 0);
    return width * qkv + heads * headDim * width + biases;
  }
  const { heads, qRank, kvRank, nopeDim, ropeDim, valueDim } = attention;
  const queries = heads * (nopeDim + ropeDim);
  const q = qRank === null ? width * queries : width * qRank + qRank * queries;
  const kv = width * (kvRank + ropeDim) + kvRank * heads * (nopeDim + valueDim);
  return q + kv + heads * valueDim * width;
}

/** LFM2's gated short convolution: D → 3·D, a kernel for each channel, D → D. */
const convolutionParameters = (width: number, kernel: number): number => 4 * width ** 2 + kernel * width;

const expertParameters = ({ width, expertHidden, expertBias }: PublishedModel): number =>
  3 * width * expertHidden + (expertBias ? 2 * expertHidden + width : 0);

/** What every token passes in a MoE layer whatever is chosen: the router with its biases, and the shared expert. */
function commonParameters({ width, experts, shared, routing }: PublishedModel): number {
  const biases = (routing.selectionBias ? experts : 0) + (routing.logitBias ? experts : 0);
  return width * experts + biases + (shared ? 3 * width * shared.hidden + (shared.gated ? width : 0) : 0);
}

/** Everything but the routed experts and the embedding: what each token is multiplied with, LM head included. */
function restParameters(model: PublishedModel): number {
  const { width, layers, denseLayers, denseHidden, convolution, attention, vocabulary } = model;
  const convolutions = convolution?.layers ?? 0;
  return (
    (layers - convolutions) * attentionParameters(width, attention) +
    convolutions * convolutionParameters(width, convolution?.kernel ?? 0) +
    denseLayers * 3 * width * denseHidden +
    (layers - denseLayers) * commonParameters(model) +
    vocabulary * width
  );
}

export function parametersOf(model: PublishedModel): ParameterCount {
  const { width, layers, denseLayers, experts, expertsPerToken, vocabulary, tied } = model;
  const expert = (layers - denseLayers) * expertParameters(model);
  const rest = restParameters(model);
  const embedding = tied ? 0 : vocabulary * width;
  return {
    total: rest + experts * expert + embedding,
    active: rest + expertsPerToken * expert + embedding,
    multiplied: rest + expertsPerToken * expert,
  };
}

/** The MoE block of one layer. */
export function blockShapeOf({ width, expertHidden, experts, expertsPerToken, shared }: PublishedModel): BlockShape {
  return { width, expertHidden, experts, expertsPerToken, sharedHidden: shared?.hidden ?? 0 };
}

/** Parameters that a token is multiplied with outside the MoE layers' blocks: attention, dense layers, LM head. */
export function outsideParameters(model: PublishedModel): number {
  return restParameters(model) - (model.layers - model.denseLayers) * commonParameters(model);
}

export function factsOf(model: PublishedModel): PublishedFacts {
  const parameters = parametersOf(model);
  const bytes = (precision: Precision) => parameters.total * bytesPerWeight(precision);
  return {
    model,
    parameters,
    flopsPerToken: 2 * parameters.multiplied,
    bytes: { q4_0: bytes('q4_0'), q8_0: bytes('q8_0'), f16: bytes('f16') },
  };
}
