/** Trains the character model on the GPU: nothing is read back inside a step. */
import { readBuffer } from '../../gpu/buffers.ts';
import type { Gpu } from '../../gpu/types.ts';
import { TEXT_RECIPE } from '../../reference/block/optimise.ts';
import { gpuSteps, submit } from '../block/steps.ts';
import { stateWords, stepRates } from '../rates.ts';
import { MOST_EXPERTS, MOST_STEPS } from '../types.ts';
import { allocateText, type TextMemory } from './memory.ts';
import { planTextBackward, planTextForward, textKernels } from './passes.ts';
import { readingOf, TEXT_SETTINGS, type TextOptions, type TextTrainer, type Writing } from './types.ts';
import { createWriter, type Writer } from './writer.ts';

export interface TextGpuTrainer extends TextTrainer {
  /** Dispatches of one step. */
  readonly dispatches: number;
  /** For those who look closer: tests, and files of weights. */
  readonly memory: TextMemory;
}

export async function createTextGpuTrainer(gpu: Gpu, options: TextOptions): Promise<TextGpuTrainer> {
  const { shape, corpus, texts, seed } = options;
  if (shape.experts > MOST_EXPERTS) throw new RangeError(`text: at most ${MOST_EXPERTS} experts.`);
  const { device } = gpu;
  const memory = allocateText(device, options);
  const N = texts * shape.context;
  const kernels = textKernels(gpu, memory.pass, N, shape);
  const [draw, forward, backward, shown, surprise] = await Promise.all([
    kernels.draw(corpus.kinds.length, memory, memory),
    planTextForward(gpu, kernels, memory, shape, { weights: memory.weights, off: memory.on }),
    planTextBackward(kernels, memory, shape),
    planTextForward(gpu, kernels, memory, shape, { weights: memory.average, off: memory.off }),
    kernels.crossEntropy(memory),
  ]);
  const trains = gpuSteps(device, memory, shape, N, TEXT_RECIPE, [draw, ...forward, ...backward], (step, rates) =>
    stateWords({ seed, step, first: null }, rates),
  );
  trains.settings = TEXT_SETTINGS;
  let writer: Writer | null = null;

  /** The experts of each held-out row, from slots as they lie in memory. */
  function choicesOf(slots: Uint32Array): Uint8Array[] {
    const { rows, slotStride, routers } = memory;
    const words = memory.slots.size / 4;
    return Array.from({ length: routers }, (_, layer) =>
      Uint8Array.from({ length: rows.ids.length * shape.k }, (_, slot) => {
        const [pass, own] = [Math.floor(slot / (N * shape.k)), slot % (N * shape.k)];
        return slots[pass * words + 2 * (layer * slotStride + own)];
      }),
    );
  }

  return Object.assign(trains, {
    options,
    memory,
    async read(off: ReadonlySet<number> = new Set()) {
      const { heldOutLosses, heldOutSlots, losses, slots, rows, passes } = memory;
      const switched = new Float32Array(memory.off.size / 4);
      for (const cell of off) switched[Math.floor(cell / shape.experts) * memory.stride + (cell % shape.experts)] = 1;
      device.queue.writeBuffer(memory.off, 0, switched);
      const rates = stepRates(trains.steps, trains.settings, TEXT_RECIPE);
      for (let from = 0; from < passes; from += MOST_STEPS) {
        const states = Array.from({ length: Math.min(MOST_STEPS, passes - from) }, (_, i) =>
          stateWords({ seed, step: trains.steps, first: (from + i) * N }, rates),
        );
        submit(device, memory, N, states, [draw, ...shown, surprise], (encoder, i) => {
          encoder.copyBufferToBuffer(losses, 0, heldOutLosses, 4 * N * (from + i), 4 * N);
          encoder.copyBufferToBuffer(slots, 0, heldOutSlots, slots.size * (from + i), slots.size);
        });
      }
      const [read, chosen] = await Promise.all([readBuffer(device, heldOutLosses), readBuffer(device, heldOutSlots)]);
      // The kernel's are shares of a mean.
      const each = new Float32Array(read).map((loss) => N * loss);
      return readingOf(rows, each, choicesOf(new Uint32Array(chosen)));
    },
    async write(beginnings: readonly (readonly number[])[], count: number, writing: Writing) {
      if (writer?.texts !== beginnings.length) {
        writer?.destroy();
        writer = await createWriter(gpu, memory, options, beginnings.length);
      }
      return writer.write(beginnings, count, writing);
    },
    destroy() {
      writer?.destroy();
      memory.destroy();
    },
  });
}
