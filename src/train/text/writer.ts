/** Writes with the average of the weights: many characters a submit, nothing read back in between. */
import { readBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { TEXT_RECIPE } from '../../reference/block/optimise.ts';
import { Holding, type Parameters } from '../block/memory.ts';
import { submit } from '../block/steps.ts';
import { stateWords, stepRates } from '../rates.ts';
import { MOST_STEPS } from '../types.ts';
import { allocateTextActivations } from './memory.ts';
import { planTextForward, textKernels } from './passes.ts';
import { TEXT_SETTINGS, type TextOptions, type Writing } from './types.ts';

/** Characters of a text, its beginning among them. */
const CAPACITY = 1024;

export type Writer = Awaited<ReturnType<typeof createWriter>>;

/** @param texts that grow side by side. */
export async function createWriter(gpu: Gpu, parameters: Parameters, { shape }: TextOptions, texts: number) {
  const { device } = gpu;
  const holding = new Holding(device);
  const N = texts * shape.context;
  const activations = allocateTextActivations(holding, { shape, layout: parameters.layout, rows: N });
  const memory = { ...parameters, ...activations };
  const written = holding.floats('written', texts * CAPACITY);
  const kernels = textKernels(gpu, memory.pass, N, shape);
  const [recent, forward, pick] = await Promise.all([
    kernels.recent(CAPACITY, { written, state: memory.state, ids: memory.ids }),
    planTextForward(gpu, kernels, memory, shape, { weights: memory.average, off: memory.on }),
    kernels.pick(CAPACITY, { logits: memory.logits, state: memory.state, written }),
  ]);
  const rates = stepRates(0, TEXT_SETTINGS, TEXT_RECIPE);

  return {
    texts,
    async write(beginnings: readonly (readonly number[])[], count: number, { temperature, seed }: Writing) {
      const begun = beginnings[0].length;
      const even = beginnings.length === texts && beginnings.every(({ length }) => length === begun);
      if (!even || begun < 1 || begun + count > CAPACITY)
        throw new RangeError(`${texts} beginnings of equal length, in all at most ${CAPACITY} characters.`);
      const words = new Uint32Array(texts * CAPACITY);
      for (const [b, beginning] of beginnings.entries()) words.set(beginning, b * CAPACITY);
      device.queue.writeBuffer(written, 0, words);
      for (let i = 0; i < count; i += MOST_STEPS) {
        const states = Array.from({ length: Math.min(MOST_STEPS, count - i) }, (_, j) =>
          stateWords({ seed, step: 0, first: begun + i + j, temperature }, rates),
        );
        submit(device, memory, N, states, [recent, ...forward, pick]);
      }
      const all = new Uint32Array(await readBuffer(device, written));
      return Array.from({ length: texts }, (_, b) => [...all.subarray(b * CAPACITY, b * CAPACITY + begun + count)]);
    },
    destroy: () => holding.destroy(),
  };
}
