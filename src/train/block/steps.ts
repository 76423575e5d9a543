/** Steps of a trainer, whatever it learns: on the GPU, where several are one submit, and on the CPU. */
import { readBuffer } from '../../gpu/buffers.ts';
import { encode } from '../../gpu/dispatch.ts';
import type { Dispatch } from '../../gpu/types.ts';
import type { BlockShape, Layout } from '../../reference/block/layout.ts';
import { balance, optimise, type Recipe, startOptimiser } from '../../reference/block/optimise.ts';
import { type Floats, initialWeights, type Make } from '../../reference/block/weights.ts';
import { STATE_WORDS, type StepRates, stepRates } from '../rates.ts';
import { DEFAULT_SETTINGS, MOST_STEPS, type SavedRun, type StepReport, type Trains } from '../types.ts';
import { type Activations, f32, type Gradients, type Parameters, routersOf } from './memory.ts';

type State = Uint32Array<ArrayBuffer>;

/** One pass for each state, which is put in place before it; `after` copies out what the next pass overwrites. */
export function submit(
  device: GPUDevice,
  { records, state }: Parameters,
  rows: number,
  states: readonly State[],
  dispatches: readonly Dispatch[],
  after?: (encoder: GPUCommandEncoder, pass: number) => void,
): void {
  if (states.length > MOST_STEPS) throw new RangeError(`${states.length} passes at once.`);
  for (const [i, words] of states.entries()) device.queue.writeBuffer(records, 4 * STATE_WORDS * i, words);
  const encoder = device.createCommandEncoder();
  for (let i = 0; i < states.length; i++) {
    encoder.copyBufferToBuffer(records, 4 * STATE_WORDS * i, state, 0, 4 * STATE_WORDS);
    const pass = encoder.beginComputePass();
    encode(pass, dispatches, rows);
    pass.end();
    after?.(encoder, i);
  }
  device.queue.submit([encoder.finish()]);
}

/** @param stateOf of a step, as state.wgsl has it. */
export function gpuSteps(
  device: GPUDevice,
  memory: Parameters & Activations & Gradients,
  shape: BlockShape,
  rows: number,
  recipe: Recipe,
  dispatches: readonly Dispatch[],
  stateOf: (step: number, rates: StepRates) => State,
): Trains & { readonly dispatches: number } {
  const { experts } = shape;
  const routers = routersOf(shape);
  let steps = 0;

  function reports(ring: ArrayBuffer, from: number, count: number): StepReport[] {
    const size = 2 + routers * experts;
    const words = new Uint32Array(ring);
    const floats = new Float32Array(ring);
    return Array.from({ length: count }, (_, i) => {
      const at = ((from + i) % MOST_STEPS) * size;
      const loads = Array.from({ length: routers }, (_, layer) => {
        const first = at + 2 + layer * experts;
        return [...words.subarray(first, first + experts)];
      });
      return { step: from + i, loss: floats[at], norm: floats[at + 1], loads };
    });
  }

  const trains = {
    dispatches: dispatches.length,
    settings: DEFAULT_SETTINGS,
    get steps() {
      return steps;
    },
    async advance(count: number) {
      if (count < 1) throw new RangeError(`${count} steps at once.`);
      const from = steps;
      const states = Array.from({ length: count }, (_, i) =>
        stateOf(from + i, stepRates(from + i, trains.settings, recipe)),
      );
      submit(device, memory, rows, states, dispatches);
      steps += count;
      return reports(await readBuffer(device, memory.statistics), from, count);
    },
    async save(): Promise<SavedRun> {
      const kept = [memory.weights, memory.average, memory.first, memory.second];
      const at = steps;
      const [biases, ...rest] = await Promise.all([memory.bias, ...kept].map((buffer) => readBuffer(device, buffer)));
      const [weights, average, first, second] = rest.map((bytes) => new Float32Array(bytes, 0, memory.layout.size));
      const padded = new Float32Array(biases);
      const bias = f32(shape.layers * experts).map(
        (_, i) => padded[Math.floor(i / experts) * memory.stride + (i % experts)],
      );
      return { steps: at, weights, average, first, second, bias };
    },
    load(saved: SavedRun) {
      fits(saved, memory.layout, shape);
      for (const part of ['weights', 'average', 'first', 'second'] as const)
        device.queue.writeBuffer(memory[part], 0, saved[part]);
      for (let layer = 0; layer < shape.layers; layer++) {
        const own = saved.bias.slice(layer * experts, (layer + 1) * experts);
        device.queue.writeBuffer(memory.bias, 4 * layer * memory.stride, own);
      }
      steps = saved.steps;
    },
  };
  return trains;
}

function fits(saved: SavedRun, { size }: Layout, { layers, experts }: BlockShape): void {
  const parts = [saved.weights, saved.average, saved.first, saved.second];
  if (parts.some(({ length }) => length !== size) || saved.bias.length !== layers * experts)
    throw new RangeError('What was saved is of another shape.');
}

/** Lets others have their turn. */
export const turn = () => new Promise((resolve) => setTimeout(resolve));

export interface Learned {
  readonly loss: number;
  readonly gradient: Floats;
  readonly loads: readonly Uint32Array[];
}

/** @param learn the gradient of a step. */
export function cpuSteps(
  { shape, layout, seed }: { shape: BlockShape; layout: Layout; seed: number },
  recipe: Recipe,
  make: Make,
  learn: (step: number, weights: Floats, options: { aux: number; bias: Floats }) => Learned,
): Trains & { readonly average: Floats; readonly bias: Floats } {
  const optimiser = startOptimiser(initialWeights(layout, seed, make), make);
  const routers = routersOf(shape);
  const bias = make(shape.layers * shape.experts);
  let steps = 0;

  function step(rates: StepRates): StepReport {
    const { loss, gradient, loads } = learn(steps, optimiser.weights, { aux: rates.aux, bias });
    const norm = optimise(optimiser, gradient, rates, recipe, layout.decaysFrom);
    if (routers) balance(bias, loads, rates.biasSpeed);
    return { step: steps++, loss, norm, loads: loads.slice(0, routers).map((load) => [...load]) };
  }

  const trains = {
    average: optimiser.average,
    bias,
    settings: DEFAULT_SETTINGS,
    get steps() {
      return steps;
    },
    async advance(count: number) {
      const reports: StepReport[] = [];
      for (let i = 0; i < count; i++) {
        await turn();
        reports.push(step(stepRates(steps, trains.settings, recipe)));
      }
      return reports;
    },
    async save(): Promise<SavedRun> {
      const [weights, average, first, second] = [
        optimiser.weights,
        optimiser.average,
        optimiser.first,
        optimiser.second,
      ].map((values) => Float32Array.from(values));
      return { steps, weights, average, first, second, bias: Float32Array.from(bias) };
    },
    load(saved: SavedRun) {
      fits(saved, layout, shape);
      for (const part of ['weights', 'average', 'first', 'second'] as const) optimiser[part].set(saved[part]);
      bias.set(saved.bias);
      steps = saved.steps;
    },
  };
  return trains;
}
