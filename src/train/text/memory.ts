/** The buffers of a character model on the GPU. */
import { type TextShape, textLayoutOf } from '../../reference/text/shape.ts';
import {
  allocateActivations,
  allocateGradients,
  allocateParameters,
  Holding,
  type Network,
  type Parameters,
} from '../block/memory.ts';
import { heldOutRows } from './corpus.ts';
import { HELD_OUT_TEXTS, type TextOptions } from './types.ts';

export type TextActivations = ReturnType<typeof allocateTextActivations>;
export type TextMemory = ReturnType<typeof allocateText>;

/** What a forward pass of N characters leaves. */
export function allocateTextActivations(holding: Holding, network: Network & { readonly shape: TextShape }) {
  const { shape, rows: N, layout } = network;
  const { width: D, layers, heads, characters } = shape;
  const vocabulary = Math.ceil(characters / 4) * 4;
  return {
    ...allocateActivations(holding, network),
    layout,
    ids: holding.floats('ids', N),
    logits: holding.floats('logits', N * vocabulary),
    /** Before attention, normed. */
    seen: holding.each('seen', layers, N * D),
    seenFactor: holding.each('factor', layers, N),
    qkv: holding.each('qkv', layers, N * 3 * D),
    taken: holding.each('taken', layers, N * D),
    normalisers: holding.each('normalisers', layers, N * heads),
    /** Between attention and experts. */
    middle: holding.each('middle', layers, N * D),
  };
}

export function allocateText(device: GPUDevice, { shape, corpus, texts, heldOut, seed }: TextOptions) {
  const layout = textLayoutOf(shape);
  const N = texts * shape.context;
  const network = { shape, layout, rows: N };
  const holding = new Holding(device);
  const parameters: Parameters = allocateParameters(holding, network, seed);
  const rows = heldOutRows(corpus, shape.context, heldOut ?? HELD_OUT_TEXTS);
  const passes = Math.ceil(rows.ids.length / N);
  const given = new Uint32Array(passes * N);
  for (let n = 0; n < rows.ids.length; n++) given[n] = rows.ids[n] | (rows.targets[n] << 16);
  const activations = allocateTextActivations(holding, network);
  return {
    ...parameters,
    ...activations,
    ...allocateGradients(holding, network, parameters),
    layout,
    holding,
    rows,
    /** That it takes to read what is held out. */
    passes,
    corpus: holding.upload('corpus', joined(corpus.kinds.map(({ train }) => train))),
    kinds: holding.upload('kinds', placesOf(corpus.kinds.map(({ train }) => train.length))),
    given: holding.upload('given', given),
    targets: holding.floats('targets', N),
    dQkv: holding.floats('d qkv', N * 3 * shape.width),
    heldOutLosses: holding.floats('held-out losses', passes * N),
    heldOutSlots: holding.floats('held-out slots', passes * (activations.slots.size / 4)),
    destroy: () => holding.destroy(),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of parts) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}

/** First character and count of each. */
function placesOf(lengths: readonly number[]): Uint32Array {
  let at = 0;
  return Uint32Array.from(
    lengths.flatMap((length) => {
      at += length;
      return [at - length, length];
    }),
  );
}
