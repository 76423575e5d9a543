/** `train --task painter`. */
import { readFile, writeFile } from 'node:fs/promises';
import { UserError } from '../../model/errors.ts';
import { countParameters, stepFlops } from '../../reference/painter/shape.ts';
import { createCpuTrainer } from '../../train/cpu.ts';
import { drawnPicture } from '../../train/drawn.ts';
import { deadOf, psnr, shares } from '../../train/measures.ts';
import { readPpm, writePpm } from '../../train/ppm.ts';
import { DEFAULT_SETTINGS, type RunOptions, type Trainer, twinOf } from '../../train/types.ts';
import { createGpuTrainer } from '../../train/webgpu.ts';
import { withFile } from '../command.ts';
import type { Host } from '../host.ts';
import { decayOf, openTrainer, trainAll } from './open.ts';
import type { PainterJob } from './options.ts';

interface Reading {
  readonly step: number;
  readonly flops: number;
  readonly loss: number;
  readonly psnr: number;
  /** Of each layer with a router: the largest share of the picture, and experts with less than 1 %. */
  readonly largest: readonly number[];
  readonly dead: readonly number[];
}

async function pictureOf({ picture, size }: PainterJob) {
  if (picture === null) return drawnPicture(size);
  const read = readPpm(await withFile(picture, () => readFile(picture)));
  if (read) return read;
  throw new UserError(
    'bad-input',
    `The file ${picture} is no binary PPM (P6, 8 bits).`,
    'Write one with: magick picture.png -depth 8 picture.ppm',
  );
}

export async function trainPainter(job: PainterJob, host: Host): Promise<number> {
  const picture = await pictureOf(job);
  const shape = twinOf(job.shape, job.model);
  const options: RunOptions = { shape, picture, batch: job.batch, seed: job.seed };
  const opened = await openTrainer<Trainer>(job.device, host, {
    onCpu: () => createCpuTrainer(options),
    onGpu: (gpu) => createGpuTrainer(gpu, options),
  });
  if (typeof opened === 'number') return opened;
  const { trainer, device } = opened;
  trainer.settings = { ...DEFAULT_SETTINGS, rate: job.rate, balance: job.balance, decay: decayOf(job) };
  const flops = stepFlops(shape, job.batch);
  const readings: Reading[] = [];
  let painting = await trainer.paint();
  const milliseconds = await trainAll(trainer, job, async (loss) => {
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
  });
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
