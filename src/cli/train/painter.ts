/** `train --task painter`. */
import type { Pixels } from '../../reference/painter/inputs.ts';
import { countParameters, stepFlops } from '../../reference/painter/shape.ts';
import { createCpuTrainer } from '../../train/cpu.ts';
import { deadOf, psnr, shares } from '../../train/measures.ts';
import { DEFAULT_SETTINGS, type RunOptions, twinOf } from '../../train/types.ts';
import { createGpuTrainer } from '../../train/webgpu.ts';
import { decayOf, deviceOf, type Place, trainAll } from './open.ts';
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

/** Trains to the end: what --json prints, and the painting. */
export async function trainPainter(job: PainterJob, picture: Pixels, place: Place) {
  const shape = twinOf(job.shape, job.model);
  const options: RunOptions = { shape, picture, batch: job.batch, seed: job.seed };
  const { found, tell } = place;
  const trainer = found ? await createGpuTrainer(found.gpu, options) : createCpuTrainer(options);
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
    tell(
      `step ${trainer.steps} · loss ${loss.toFixed(5)} · ${db.toFixed(2)} dB${dead.length ? ` · dead ${dead.join(', ')}` : ''}\n`,
    );
  });
  trainer.destroy();
  const { model, seed, balance, batch, steps, rate } = job;
  const summary = {
    ...{ task: 'painter', model, device: deviceOf(place), seed, balance, batch, steps, rate, shape },
    picture: { width: picture.width, height: picture.height },
    parameters: countParameters(shape),
    flopsPerStep: flops,
    milliseconds,
    readings,
  };
  return { summary, painting: painting.data };
}
