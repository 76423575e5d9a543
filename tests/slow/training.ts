/**
 * Training: what a MoE's backward kernels cost beside those of a dense model that does the same arithmetic; and how well painters
 * learn, beside what the study that the trainer follows came to with PyTorch on the same picture.
 */
import type { Host } from '../../src/cli/host.ts';
import { openNodeGpu } from '../../src/cli/nodeGpu.ts';
import { run } from '../../src/gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../../src/gpu/types.ts';
import { plan } from '../../src/kernels/plan.ts';
import { tensorOf } from '../../src/reference/block/layout.ts';
import { tensorIn } from '../../src/train/block/memory.ts';
import { drawnPicture } from '../../src/train/drawn.ts';
import { kernelMaker } from '../../src/train/kernel.ts';
import { plannerOf } from '../../src/train/kernels.ts';
import { deadOf, psnr, shares } from '../../src/train/measures.ts';
import {
  type Balance,
  DEFAULT_SETTINGS,
  DEFAULT_SHAPE,
  MOST_STEPS,
  type Model,
  twinOf,
} from '../../src/train/types.ts';
import { createGpuTrainer, type GpuTrainer } from '../../src/train/webgpu.ts';

const BATCH = 4096;
const ROUNDS = 15;
/** Of the dense model's time, balanced, and with all rows on one expert. */
const LEAST = { balanced: 0.8, 'all on one': 0.6 };

/** What is grouped by expert on the way back through one block. */
function groupedBack(gpu: Gpu, { memory, options: { shape, batch } }: GpuTrainer): Promise<Dispatch[]> {
  const { width, hidden } = shape;
  const planner = plannerOf(kernelMaker(gpu, memory.pass), batch);
  const group = memory.groups[0];
  const [up, down] = [tensorOf(memory.layout, 'up', 0)!, tensorOf(memory.layout, 'down', 0)!];
  const weights = (tensor: typeof up) => tensorIn(memory.weights, tensor);
  const { dGateUp, dh, dx, partsOf } = memory;
  const [dOut] = dx;
  return Promise.all([
    planner.swigluBack(
      group,
      { width, hidden },
      { dx: dOut, weights: weights(down), gateUp: memory.gateUp[0], dGateUp },
    ),
    planner.gradient(
      group,
      { inner: hidden, outer: width, weighted: true },
      { x: memory.active[0], dy: dOut, parts: partsOf(down) },
    ),
    planner.product(
      group,
      { inner: 2 * hidden, columns: width, transposed: true },
      { x: dGateUp, weights: weights(up), y: dh },
    ),
    planner.gradient(
      group,
      { inner: width, outer: 2 * hidden, xOfPixels: true },
      { x: memory.h[0], dy: dGateUp, parts: partsOf(up) },
    ),
  ]);
}

/** Sends row n to the expert of that number. */
async function route(gpu: Gpu, { memory, options: { shape, batch } }: GpuTrainer, expertOf: (n: number) => number) {
  const group = memory.groups[0];
  const slots = new Uint32Array(2 * batch);
  const weights = new Float32Array(slots.buffer);
  for (let n = 0; n < batch; n++) {
    slots[2 * n] = expertOf(n);
    weights[2 * n + 1] = 1;
  }
  // Layer 0's come first.
  gpu.device.queue.writeBuffer(memory.slots, 0, slots);
  run(gpu.device, [await plan(gpu, shape, { ...group, pass: memory.pass })], batch);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function timing(gpu: Gpu): Promise<number> {
  const picture = drawnPicture(64);
  const open = (model: Model) =>
    createGpuTrainer(gpu, { shape: twinOf(DEFAULT_SHAPE, model), picture, batch: BATCH, seed: 0 });
  const [moe, dense] = [await open('moe'), await open('dense-active')];
  const [grouped, plain] = [await groupedBack(gpu, moe), await groupedBack(gpu, dense)];
  const { experts } = DEFAULT_SHAPE;
  // A hash, not turns: the rows of an expert lie apart, as they do in training.
  const routes = {
    balanced: (n: number) => ((n * 2654435761) >>> 7) % experts,
    'all on one': () => 3,
  };
  const time = async (dispatches: readonly Dispatch[]) => {
    const start = performance.now();
    for (let i = 0; i < 3; i++) run(gpu.device, dispatches, BATCH);
    await gpu.device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  let failures = 0;
  for (const [name, expertOf] of Object.entries(routes) as [keyof typeof LEAST, (n: number) => number][]) {
    await route(gpu, moe, expertOf);
    await Promise.all([await time(grouped), await time(plain)]);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) ratios.push(1 / ((await time(grouped)) / (await time(plain))));
    const found = median(ratios);
    const enough = found >= LEAST[name];
    failures += Number(!enough);
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} in ${ROUNDS} turns`;
    console.log(
      `training: grouped backward, ${name}: ${found.toFixed(2)} of the dense model's speed (${spread}; at least ${LEAST[name]})${enough ? '' : ' FAILED'}`,
    );
  }
  moe.destroy();
  dense.destroy();
  return failures;
}

/** The drawn cat, 96², 1,024 pixels a step, 1,000 steps, 8 experts, 6 octaves: the study's script, seeds 0, 1, 2, weights averaged. */
const STUDY: readonly { model: Model; balance: Balance; decibels: readonly number[]; dead: readonly number[] }[] = [
  { model: 'moe', balance: 'aux', decibels: [36.88, 36.99, 37.99], dead: [0, 0, 0] },
  { model: 'moe', balance: 'none', decibels: [37.97, 35.98, 35.88], dead: [4, 7, 8] },
  { model: 'dense-active', balance: 'aux', decibels: [28.65, 28.93, 28.78], dead: [] },
];
const STEPS = 1000;
/** Between the means of the seeds: single seeds of the study itself differ by up to 2 dB. */
const MOST_DECIBELS = 0.5;
/** Experts of both layers together: 2 of each. */
const MOST_DEAD = 4;

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

async function quality(gpu: Gpu, seeds: number): Promise<number> {
  let failures = 0;
  const picture = drawnPicture(96);
  for (const { model, balance, decibels, dead } of STUDY) {
    const found: { decibels: number; dead: number }[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const shape = twinOf({ ...DEFAULT_SHAPE, experts: 8, octaves: 6 }, model);
      const trainer = await createGpuTrainer(gpu, { shape, picture, batch: 1024, seed });
      trainer.settings = { ...DEFAULT_SETTINGS, balance, decay: { from: 0.7 * STEPS, to: STEPS } };
      while (trainer.steps < STEPS) await trainer.advance(Math.min(MOST_STEPS, STEPS - trainer.steps));
      const { data, territories } = await trainer.paint();
      const gone = territories.map((map) => deadOf(shares(map, shape.experts)));
      found.push({ decibels: psnr(data, picture), dead: gone.reduce((sum, each) => sum + each, 0) });
      trainer.destroy();
    }
    const off = mean(found.map((each) => each.decibels)) - mean(decibels.slice(0, seeds));
    const more = dead.length ? mean(found.map((each) => each.dead)) - mean(dead.slice(0, seeds)) : 0;
    const wrong = Math.abs(off) > MOST_DECIBELS || Math.abs(more) > MOST_DEAD;
    failures += Number(wrong);
    const each = found.map((one) => `${one.decibels.toFixed(2)} dB, ${one.dead} dead`).join('; ');
    console.log(
      `training: ${model}, balancing ${balance}: ${each}; ${off.toFixed(2)} dB from the study${wrong ? ' FAILED' : ''}`,
    );
  }
  return failures;
}

/** The number of failures. @param part of the three seeds. */
export async function training(host: Host, part: number): Promise<number> {
  const found = await openNodeGpu(host);
  if (!found) {
    console.log('training: no GPU and no software driver, skipped');
    return 0;
  }
  console.log(`training: on ${found.info.name}`);
  const failures = (await timing(found.gpu)) + (await quality(found.gpu, Math.ceil(3 * part)));
  found.gpu.device.destroy();
  return failures;
}
