/** The kernels that only the text has: characters in, attention, how surprising what follows is, and writing. */
import hashSource from '../../../shaders/lib/hash.wgsl?raw';
import causalSource from '../../../shaders/train/causal.wgsl?raw';
import causalBackSource from '../../../shaders/train/causal_back.wgsl?raw';
import crossEntropySource from '../../../shaders/train/cross_entropy.wgsl?raw';
import drawTextSource from '../../../shaders/train/draw_text.wgsl?raw';
import embedBackSource from '../../../shaders/train/embed_back.wgsl?raw';
import embedTextSource from '../../../shaders/train/embed_text.wgsl?raw';
import pickSource from '../../../shaders/train/pick.wgsl?raw';
import recentSource from '../../../shaders/train/recent.wgsl?raw';
import stateSource from '../../../shaders/train/state.wgsl?raw';
import { type Binding, ceilDiv, read, write } from '../../kernels/kernel.ts';
import { pad4 } from '../../reference/block/layout.ts';
import type { TextShape } from '../../reference/text/shape.ts';
import type { KernelMaker } from '../kernel.ts';
import { CHUNK } from '../kernels.ts';

export type TextPlanner = ReturnType<typeof textPlanner>;

/** @param tokens N, characters of every pass. */
export function textPlanner(plan: KernelMaker, tokens: number, shape: TextShape) {
  const { width, heads, context, characters } = shape;
  const vocabulary = pad4(characters);
  const attention = { HEADS: heads, QUADS: width / heads / 4, CONTEXT: context, SCALE: Math.sqrt(heads / width) };
  return {
    draw: (
      kinds: number,
      from: Record<'corpus' | 'kinds' | 'given' | 'state', Binding>,
      to: Record<'ids' | 'targets', Binding>,
    ) =>
      plan(
        'draw_text',
        [hashSource, stateSource, drawTextSource],
        { KINDS: kinds, CONTEXT: context },
        [...[from.corpus, from.kinds, from.given, from.state].map(read), write(to.ids), write(to.targets)],
        tokens,
      ),

    embed: ({ ids, embedding, position, x }: Record<'ids' | 'embedding' | 'position' | 'x', Binding>) =>
      plan(
        'embed_text',
        [embedTextSource],
        { WIDTH: width, CONTEXT: context },
        [...[ids, embedding, position].map(read), write(x)],
        (tokens * width) / 4,
      ),

    embedBack: ({ ids, dx }: Record<'ids' | 'dx', Binding>, parts: Record<'characters' | 'places', Binding>) =>
      plan(
        'embed_back',
        [embedBackSource],
        { WIDTH: width, VOCABULARY: vocabulary, CONTEXT: context, PLACES: pad4(context), CHUNK },
        [read(ids), read(dx), write(parts.characters), write(parts.places)],
        ((ceilDiv(tokens, CHUNK) * vocabulary + pad4(context)) * width) / 4,
      ),

    causal: ({ qkv, taken, normalisers }: Record<'qkv' | 'taken' | 'normalisers', Binding>) =>
      plan('causal', [causalSource], attention, [read(qkv), write(taken), write(normalisers)], tokens * heads),

    causalBack: (from: Record<'qkv' | 'taken' | 'dTaken' | 'normalisers', Binding>, dQkv: Binding) =>
      plan(
        'causal_back',
        [causalBackSource],
        attention,
        [...[from.qkv, from.taken, from.dTaken, from.normalisers].map(read), write(dQkv)],
        tokens * heads,
      ),

    crossEntropy: ({ targets, logits, losses }: Record<'targets' | 'logits' | 'losses', Binding>) =>
      plan(
        'cross_entropy',
        [crossEntropySource],
        { CHARACTERS: characters, VOCABULARY: vocabulary },
        [read(targets), write(logits), write(losses)],
        tokens,
      ),

    recent: (capacity: number, { written, state, ids }: Record<'written' | 'state' | 'ids', Binding>) =>
      plan(
        'recent',
        [stateSource, recentSource],
        { CONTEXT: context, CAPACITY: capacity },
        [read(written), read(state), write(ids)],
        tokens,
      ),

    pick: (capacity: number, { logits, state, written }: Record<'logits' | 'state' | 'written', Binding>) =>
      plan(
        'pick',
        [hashSource, stateSource, pickSource],
        { CHARACTERS: characters, VOCABULARY: vocabulary, CONTEXT: context, CAPACITY: capacity },
        [read(logits), read(state), write(written)],
        tokens / context,
      ),
  };
}
