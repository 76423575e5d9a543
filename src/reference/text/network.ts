/** The character model in full: its loss and, by hand, its gradient. Checked against finite differences. */
import { attentionBack, attentionForward, type KeptAttention } from '../block/attention.ts';
import { balancingLoss, blockBack, normBack, type StepOptions } from '../block/backward.ts';
import { addUp, blockForward, type Choice, type KeptBlock, norm } from '../block/forward.ts';
import { tensorOf } from '../block/layout.ts';
import { multiply, multiplyBack, multiplyOut } from '../block/products.ts';
import type { Floats, Make } from '../block/weights.ts';
import type { TextLayout, TextShape } from './shape.ts';

export interface KeptText {
  readonly layers: readonly { readonly attention: KeptAttention; readonly block: KeptBlock }[];
  readonly x: Floats;
  readonly h: Floats;
  readonly factor: Floats;
  /** [N, V padded] */
  readonly logits: Floats;
}

/** @param ids [N]: texts of T characters, one after the other; the last may be shorter. */
export function textForward(
  shape: TextShape,
  layout: TextLayout,
  weights: Floats,
  ids: ArrayLike<number>,
  make: Make,
  choice: Choice = {},
): KeptText {
  const { width: D, context: T } = shape;
  const N = ids.length;
  const [embedding, position] = [tensorOf(layout, 'embedding')!.offset, tensorOf(layout, 'position')!.offset];
  let x = make(N * D);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < D; i++)
      x[n * D + i] = weights[embedding + ids[n] * D + i] + weights[position + (n % T) * D + i];
  const layers: { attention: KeptAttention; block: KeptBlock }[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    const { kept: attention, sum } = attentionForward(shape, layout, weights, x, layer, make);
    const block = blockForward(shape, layout, weights, sum, null, layer, make, choice);
    layers.push({ attention, block });
    x = addUp(block, sum, shape, make);
  }
  const { h, factor } = norm(x, weights, tensorOf(layout, 'norm', shape.layers)!.offset, N, D, make);
  const logits = make(N * layout.vocabulary);
  multiply(h, weights, tensorOf(layout, 'out')!.offset, logits, N, D, layout.vocabulary);
  return { layers, x, h, factor, logits };
}

/** Cross-entropy of each row, in nats; with `dLogits`, the gradient of their mean goes there. */
export function crossEntropy(
  { characters: V }: TextShape,
  { vocabulary }: TextLayout,
  logits: Floats,
  targets: ArrayLike<number>,
  dLogits?: Floats,
): Float64Array {
  const N = targets.length;
  return Float64Array.from({ length: N }, (_, n) => {
    const row = logits.subarray(n * vocabulary, n * vocabulary + V);
    let most = Number.NEGATIVE_INFINITY;
    for (const logit of row) most = Math.max(most, logit);
    let total = 0;
    for (const logit of row) total += Math.exp(logit - most);
    const normaliser = most + Math.log(total);
    if (dLogits)
      for (let v = 0; v < V; v++)
        dLogits[n * vocabulary + v] = (Math.exp(row[v] - normaliser) - Number(v === targets[n])) / N;
    return normaliser - row[targets[n]];
  });
}

export interface TextStepResult {
  /** Mean cross-entropy, in nats a character. */
  readonly loss: number;
  /** The balancing losses of all layers. */
  readonly aux: number;
  readonly gradient: Floats;
  /** Slots of every expert, a list for a layer. */
  readonly loads: readonly Uint32Array[];
  readonly kept: KeptText;
}

/** One forward and one backward pass. */
export function textGradient(
  shape: TextShape,
  layout: TextLayout,
  weights: Floats,
  { ids, targets }: { readonly ids: ArrayLike<number>; readonly targets: ArrayLike<number> },
  make: Make,
  { aux, bias }: StepOptions,
): TextStepResult {
  const { width: D, context: T } = shape;
  const N = ids.length;
  const kept = textForward(shape, layout, weights, ids, make, { bias });
  const gradient = make(layout.size);
  const dLogits = make(N * layout.vocabulary);
  const losses = crossEntropy(shape, layout, kept.logits, targets, dLogits);
  const out = tensorOf(layout, 'out')!.offset;
  multiplyOut(kept.h, dLogits, gradient, out, N, D, layout.vocabulary);
  const dh = make(N * D);
  multiplyBack(dLogits, weights, out, dh, N, D, layout.vocabulary);
  let dx = make(N * D);
  const final = tensorOf(layout, 'norm', shape.layers)!.offset;
  normBack(dh, kept.x, kept.factor, weights, final, dx, gradient, N, D);
  let balance = 0;
  for (let layer = shape.layers - 1; layer >= 0; layer--) {
    const { attention, block } = kept.layers[layer];
    balance += balancingLoss(block, shape, layout, N, aux);
    dx = blockBack(shape, layout, weights, null, block, layer, dx, gradient, make, aux);
    dx = attentionBack(shape, layout, weights, attention, layer, dx, gradient, make);
  }
  const [embedding, position] = [tensorOf(layout, 'embedding')!.offset, tensorOf(layout, 'position')!.offset];
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < D; i++) {
      gradient[embedding + ids[n] * D + i] += dx[n * D + i];
      gradient[position + (n % T) * D + i] += dx[n * D + i];
    }
  }
  const loss = losses.reduce((sum, each) => sum + each, 0) / N;
  return { loss, aux: balance, gradient, loads: kept.layers.map(({ block }) => block.loads), kept };
}
