/** Trains on the GPU: nothing is read back inside a step, and what comes back is waited for by nobody but its caller. */
import { readBuffer } from '../gpu/buffers.ts';
import { encode } from '../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { plannerOf } from './kernels.ts';
import { allocate, type Memory } from './memory.ts';
import { planBackward, planForward } from './passes.ts';
import { STATE_WORDS, stateWords, stepRates } from './rates.ts';
import type { StepReport, Trainer } from './types.ts';
import { DEFAULT_SETTINGS, MOST_EXPERTS, MOST_LAYERS, MOST_STEPS, type Painting, type RunOptions } from './types.ts';

export interface GpuTrainer extends Trainer {
  /** Dispatches of one step. */
  readonly dispatches: number;
  /** For those who look closer: tests, and files of weights. */
  readonly memory: Memory;
}

export async function createGpuTrainer(gpu: Gpu, options: RunOptions): Promise<GpuTrainer> {
  const { shape, picture, batch } = options;
  if (shape.experts > MOST_EXPERTS || shape.layers > MOST_LAYERS)
    throw new RangeError(`painter: at most ${MOST_EXPERTS} experts in ${MOST_LAYERS} layers.`);
  const { device } = gpu;
  const memory = allocate(device, options);
  device.queue.writeBuffer(memory.pass, 0, Uint32Array.of(batch, 0, 0, 0));
  const planner = plannerOf(gpu, batch, memory.pass);
  const { routers } = memory;
  const [forward, backward, shown, paint] = await Promise.all([
    planForward(gpu, planner, memory, options, { weights: memory.weights, off: memory.on }),
    planBackward(planner, memory, options),
    planForward(gpu, planner, memory, options, { weights: memory.average, off: memory.off }),
    planner.paint({ routers, stride: memory.slotStride, k: shape.k }, memory, {
      picture: memory.painted,
      territories: memory.territories,
    }),
  ]);
  const step = [...forward, ...backward];
  const pixels = picture.width * picture.height;
  let steps = 0;

  /** One pass for each record, which is put in place before it. */
  function submit(records: readonly Uint32Array<ArrayBuffer>[], dispatches: readonly Dispatch[]): void {
    for (const [i, words] of records.entries()) device.queue.writeBuffer(memory.records, 4 * STATE_WORDS * i, words);
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < records.length; i++) {
      encoder.copyBufferToBuffer(memory.records, 4 * STATE_WORDS * i, memory.state, 0, 4 * STATE_WORDS);
      const pass = encoder.beginComputePass();
      encode(pass, dispatches, batch);
      pass.end();
    }
    device.queue.submit([encoder.finish()]);
  }

  function reports(ring: ArrayBuffer, from: number, count: number): StepReport[] {
    const size = 2 + routers * shape.experts;
    const words = new Uint32Array(ring);
    const floats = new Float32Array(ring);
    return Array.from({ length: count }, (_, i) => {
      const at = ((from + i) % MOST_STEPS) * size;
      const loads = Array.from({ length: routers }, (_, layer) => {
        const first = at + 2 + layer * shape.experts;
        return [...words.subarray(first, first + shape.experts)];
      });
      return { step: from + i, loss: floats[at], norm: floats[at + 1], loads };
    });
  }

  const trainer: GpuTrainer = {
    options,
    memory,
    dispatches: step.length,
    settings: DEFAULT_SETTINGS,
    get steps() {
      return steps;
    },
    async advance(count) {
      if (count < 1 || count > MOST_STEPS) throw new RangeError(`painter: ${count} steps at once.`);
      const from = steps;
      const rates = (i: number) => stepRates(from + i, trainer.settings);
      submit(
        Array.from({ length: count }, (_, i) => stateWords(options, from + i, rates(i))),
        step,
      );
      steps += count;
      return reports(await readBuffer(device, memory.statistics), from, count);
    },
    async paint(off: ReadonlySet<number> = new Set()): Promise<Painting> {
      const words = new Float32Array(memory.off.size / 4);
      for (const cell of off) words[Math.floor(cell / shape.experts) * memory.stride + (cell % shape.experts)] = 1;
      device.queue.writeBuffer(memory.off, 0, words);
      const rates = stepRates(steps, trainer.settings);
      const firsts = Array.from({ length: Math.ceil(pixels / batch) }, (_, i) => i * batch);
      for (let i = 0; i < firsts.length; i += MOST_STEPS)
        submit(
          firsts.slice(i, i + MOST_STEPS).map((first) => stateWords(options, steps, rates, first)),
          [...shown, paint],
        );
      const [painted, territories] = await Promise.all([
        readBuffer(device, memory.painted),
        routers ? readBuffer(device, memory.territories) : null,
      ]);
      const cells = territories ? new Uint32Array(territories) : new Uint32Array();
      return {
        data: new Uint8ClampedArray(painted, 0, 4 * pixels),
        territories: Array.from({ length: routers }, (_, layer) =>
          Uint8Array.from({ length: pixels }, (_, i) => (cells[i] >> (8 * layer)) & 255),
        ),
      };
    },
    destroy: memory.destroy,
  };
  return trainer;
}
