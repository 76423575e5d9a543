/** Trains a painter on the GPU: nothing is read back inside a step, and only its caller waits for what comes back. */
import { readBuffer } from '../gpu/buffers.ts';
import type { Gpu } from '../gpu/types.ts';
import { PAINTER_RECIPE } from '../reference/block/optimise.ts';
import { gpuSteps, submit } from './block/steps.ts';
import { kernelMaker } from './kernel.ts';
import { plannerOf } from './kernels.ts';
import { allocate, type Memory } from './memory.ts';
import { painterPlanner } from './painterKernels.ts';
import { planBackward, planForward } from './passes.ts';
import { type StepRates, stateWords, stepRates } from './rates.ts';
import type { Trainer } from './types.ts';
import { MOST_EXPERTS, MOST_LAYERS, MOST_STEPS, type Painting, type RunOptions } from './types.ts';

export interface GpuTrainer extends Trainer {
  /** Dispatches of one step. */
  readonly dispatches: number;
  /** For those who look closer: tests, and files of weights. */
  readonly memory: Memory;
}

export async function createGpuTrainer(gpu: Gpu, options: RunOptions): Promise<GpuTrainer> {
  const { shape, picture, batch, seed } = options;
  if (shape.experts > MOST_EXPERTS || shape.layers > MOST_LAYERS)
    throw new RangeError(`painter: at most ${MOST_EXPERTS} experts in ${MOST_LAYERS} layers.`);
  const { device } = gpu;
  const memory = allocate(device, options);
  const make = kernelMaker(gpu, memory.pass);
  const planner = { ...plannerOf(make, batch), ...painterPlanner(make, batch) };
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
  const pixels = picture.width * picture.height;
  const stateOf = (step: number, rates: StepRates, first: number | null = null) =>
    stateWords({ seed, step, first, width: picture.width, pixels }, rates);
  const trains = gpuSteps(device, memory, shape, batch, PAINTER_RECIPE, [...forward, ...backward], stateOf);

  return Object.assign(trains, {
    options,
    memory,
    async paint(off: ReadonlySet<number> = new Set()): Promise<Painting> {
      const words = new Float32Array(memory.off.size / 4);
      for (const cell of off) words[Math.floor(cell / shape.experts) * memory.stride + (cell % shape.experts)] = 1;
      device.queue.writeBuffer(memory.off, 0, words);
      const rates = stepRates(trains.steps, trains.settings, PAINTER_RECIPE);
      const firsts = Array.from({ length: Math.ceil(pixels / batch) }, (_, i) => i * batch);
      for (let i = 0; i < firsts.length; i += MOST_STEPS) {
        const states = firsts.slice(i, i + MOST_STEPS).map((first) => stateOf(trains.steps, rates, first));
        submit(device, memory, batch, states, [...shown, paint]);
      }
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
  });
}
