/** Trains the character model in plain JavaScript; in float64 it is what the GPU is tested against. */
import { TEXT_RECIPE } from '../../reference/block/optimise.ts';
import type { Make } from '../../reference/block/weights.ts';
import { drawnCharacter, drawnText } from '../../reference/text/draw.ts';
import { crossEntropy, textForward, textGradient } from '../../reference/text/network.ts';
import { textLayoutOf } from '../../reference/text/shape.ts';
import { f32, routersOf } from '../block/memory.ts';
import { cpuSteps, turn } from '../block/steps.ts';
import { heldOutRows } from './corpus.ts';
import { HELD_OUT_TEXTS, readingOf, TEXT_SETTINGS, type TextOptions, type TextTrainer } from './types.ts';

/** The texts of a step. */
export function drawnRows({ shape, corpus, texts, seed }: TextOptions, step: number) {
  const { context } = shape;
  const lengths = corpus.kinds.map(({ train }) => train.length);
  const [ids, targets] = [new Uint8Array(texts * context), new Uint8Array(texts * context)];
  for (let b = 0; b < texts; b++) {
    const { kind, start } = drawnText(seed, step, b, lengths, context);
    const { train } = corpus.kinds[kind];
    ids.set(train.subarray(start, start + context), b * context);
    targets.set(train.subarray(start + 1, start + context + 1), b * context);
  }
  return { ids, targets };
}

export function createTextCpuTrainer(options: TextOptions, make: Make = f32): TextTrainer {
  const { shape, corpus, seed } = options;
  const layout = textLayoutOf(shape);
  const { context, k } = shape;
  const trains = cpuSteps({ shape, layout, seed }, TEXT_RECIPE, make, (step, weights, rest) =>
    textGradient(shape, layout, weights, drawnRows(options, step), make, rest),
  );
  trains.settings = TEXT_SETTINGS;
  const { average, bias } = trains;
  const rows = heldOutRows(corpus, context, options.heldOut ?? HELD_OUT_TEXTS);

  return Object.assign(trains, {
    options,
    async read(off: ReadonlySet<number> = new Set()) {
      const losses = make(rows.ids.length);
      const choices = Array.from({ length: routersOf(shape) }, () => new Uint8Array(rows.ids.length * k));
      for (let first = 0; first < rows.ids.length; first += context) {
        await turn();
        const part = (ids: Uint8Array) => ids.subarray(first, first + context);
        const { logits, layers } = textForward(shape, layout, average, part(rows.ids), make, { bias, off });
        losses.set(crossEntropy(shape, layout, logits, part(rows.targets)), first);
        for (const [layer, chosen] of choices.entries()) chosen.set(layers[layer].block.experts, first * k);
      }
      return readingOf(rows, losses, choices);
    },
    async write(
      beginnings: readonly (readonly number[])[],
      count: number,
      { temperature, seed }: { temperature: number; seed: number },
    ) {
      const texts = beginnings.map((beginning) => [...beginning]);
      for (let i = 0; i < count; i++) {
        await turn();
        for (const [b, text] of texts.entries()) {
          const { logits } = textForward(shape, layout, average, text.slice(-context), make, { bias });
          const last = (Math.min(text.length, context) - 1) * layout.vocabulary;
          const row = logits.subarray(last, last + shape.characters);
          text.push(drawnCharacter(row, temperature, seed, b, text.length).id);
        }
      }
      return texts;
    },
    destroy() {},
  });
}
