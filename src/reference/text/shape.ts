/** The network that writes: a character model of the same block with causal attention before it. */
import {
  type BlockShape,
  checkBlock,
  type Layout,
  multipliedWeights,
  pad4,
  parametersOf,
  TensorList,
} from '../block/layout.ts';

export interface TextShape extends BlockShape {
  /** Of attention; each is D / heads wide, a multiple of 4. */
  readonly heads: number;
  /** T: characters that are read at once. */
  readonly context: number;
  /** V, the unknown one among them. */
  readonly characters: number;
}

export interface TextLayout extends Layout {
  /** V, padded: rows of the embedding, columns of the logits. */
  readonly vocabulary: number;
}

/** What all twins share comes first and the routers last, so that twins of one seed start with the same values there. */
export function textLayoutOf(shape: TextShape): TextLayout {
  checkBlock(shape);
  const { width: D, layers, hidden: H, experts: E, heads, context, characters } = shape;
  if (context < 2 || characters < 2) throw new RangeError(`${context} of ${characters} characters are no text.`);
  if (D % (4 * heads)) throw new RangeError(`D ${D} cannot be divided among ${heads} heads.`);
  const list = new TensorList();
  list.add('embedding', 0, 1, [characters, D], 0.5);
  list.add('position', 0, 1, [context, D], 0.1);
  for (let layer = 0; layer < layers; layer++) list.add('attention norm', layer, 1, [1, D], null);
  for (let layer = 0; layer <= layers; layer++) list.add('norm', layer, 1, [1, D], null);
  const decaysFrom = list.size;
  list.add('out', 0, 1, [D, characters], 0.02);
  for (let layer = 0; layer < layers; layer++) {
    list.add('qkv', layer, 1, [D, 3 * D], 1 / Math.sqrt(D));
    list.add('mix', layer, 1, [D, D], 1 / Math.sqrt(2 * layers * D));
  }
  for (let layer = 0; layer < layers; layer++) {
    list.add('up', layer, E, [D, 2 * H], 1 / Math.sqrt(D));
    list.add('down', layer, E, [H, D], 1 / Math.sqrt(2 * layers * H));
  }
  if (E > 1) for (let layer = 0; layer < layers; layer++) list.add('router', layer, 1, [D, E], 1 / Math.sqrt(D));
  const { tensors, size } = list;
  return { ...{ tensors, size, decaysFrom }, vocabulary: pad4(characters), gates: pad4(E), routed: D };
}

/** Parameters in use: all of them, and those that one character passes through (of the tables, all). */
export const countTextParameters = (shape: TextShape): { total: number; active: number } =>
  parametersOf(textLayoutOf(shape), shape.k);

/** FLOPs of a training step: three times those of the forward pass; attention looks at half the context on average. */
export function textStepFlops(shape: TextShape, characters: number): number {
  const attention = 4 * shape.width * (shape.context / 2) * shape.layers;
  return 3 * (2 * multipliedWeights(textLayoutOf(shape), shape.k) + attention) * characters;
}
