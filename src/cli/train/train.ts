/** The command `train`: trains a painter without a page, in Node. */
import { readFile, writeFile } from 'node:fs/promises';
import { UserError } from '../../model/errors.ts';
import { countParameters, stepFlops } from '../../reference/painter/shape.ts';
import { createCpuTrainer } from '../../train/cpu.ts';
import { drawnPicture } from '../../train/drawn.ts';
import { deadOf, psnr, shares } from '../../train/measures.ts';
import { readPpm, writePpm } from '../../train/ppm.ts';
import { DEFAULT_SETTINGS, MOST_STEPS, type RunOptions, type Trainer, twinOf } from '../../train/types.ts';
import { createGpuTrainer } from '../../train/webgpu.ts';
import { runCommand, withFile } from '../command.ts';
import type { Host } from '../host.ts';
import { openNodeGpu } from '../nodeGpu.ts';
import { parseTrain, TRAIN_HELP, type TrainJob } from './options.ts';

interface Reading {
  readonly step: number;
  readonly flops: number;
  readonly loss: number;
  readonly psnr: number;
  /** Of each layer with a router: the largest share of the picture, and experts with less than 1 %. */
  readonly largest: readonly number[];
  readonly dead: readonly number[];
}

async function pictureOf({ picture, size }: TrainJob) {
  if (picture === null) return drawnPicture(size);
  const read = readPpm(await withFile(picture, () => readFile(picture)));
  if (read) return read;
  throw new UserError(
    'bad-input',
    `The file ${picture} is no binary PPM (P6, 8 bits).`,
    'Write one with: magick picture.png -depth 8 picture.ppm',
  );
}

async function open(
  options: RunOptions,
  job: TrainJob,
  host: Host,
): Promise<{ trainer: Trainer; device: string } | null> {
  if (job.device === 'cpu') return { trainer: createCpuTrainer(options), device: 'CPU' };
  const found = await openNodeGpu(host);
  return found && { trainer: await createGpuTrainer(found.gpu, options), device: found.info.name };
}

async function run(job: TrainJob, host: Host): Promise<number> {
  const picture = await pictureOf(job);
  const shape = twinOf(job.shape, job.model);
  const options: RunOptions = { shape, picture, batch: job.batch, seed: job.seed };
  const opened = await open(options, job, host);
  if (!opened) {
    const restarted = host.restart?.();
    if (restarted !== undefined && restarted !== null) return restarted;
    throw new UserError('no-adapter', 'No GPU and no software driver was found.', 'Try --device cpu.');
  }
  const { trainer, device } = opened;
  const decay = job.constant ? null : { from: Math.floor(0.7 * job.steps), to: job.steps };
  trainer.settings = { ...DEFAULT_SETTINGS, rate: job.rate, balance: job.balance, decay };
  const flops = stepFlops(shape, job.batch);
  const readings: Reading[] = [];
  let milliseconds = 0;
  let painting = await trainer.paint();
  while (trainer.steps < job.steps) {
    const until = Math.min(job.steps, (Math.floor(trainer.steps / job.every) + 1) * job.every);
    let loss = Number.NaN;
    while (trainer.steps < until) {
      const start = performance.now();
      loss = (await trainer.advance(Math.min(MOST_STEPS, until - trainer.steps))).at(-1)!.loss;
      milliseconds += performance.now() - start;
    }
    painting = await trainer.paint();
    const maps = painting.territories.map((map) => shares(map, shape.experts));
    readings.push({
      step: trainer.steps,
      flops: flops * trainer.steps,
      loss,
      psnr: psnr(painting.data, picture),
      largest: maps.map((share) => Math.max(...share)),
      dead: maps.map(deadOf),
    });
    const { psnr: db, dead } = readings.at(-1)!;
    host.err(
      `step ${trainer.steps} · loss ${loss.toFixed(5)} · ${db.toFixed(2)} dB${dead.length ? ` · dead ${dead.join(', ')}` : ''}\n`,
    );
  }
  trainer.destroy();
  if (job.out !== null)
    await withFile(job.out, () => writeFile(job.out!, writePpm({ ...picture, data: painting.data })));
  const { model, seed, balance, batch, steps, rate } = job;
  const summary = {
    ...{ task: 'painter', model, device, seed, balance, batch, steps, rate, shape },
    picture: { width: picture.width, height: picture.height },
    parameters: countParameters(shape),
    flopsPerStep: flops,
    milliseconds,
    readings,
  };
  if (job.json) host.out(`${JSON.stringify(summary, null, 2)}\n`);
  return 0;
}

/** Runs a command line; returns the exit code. */
export function main(argv: readonly string[], host: Host): Promise<number> {
  return runCommand('train', host, async () => {
    const job = parseTrain(argv);
    if (job !== 'help') return run(job, host);
    host.out(TRAIN_HELP);
    return 0;
  });
}
