/** What both tasks of the command share: where it is trained, and how the steps pass. */

import type { Gpu } from '../../gpu/types.ts';
import { UserError } from '../../model/errors.ts';
import { MOST_STEPS, type Trains } from '../../train/types.ts';
import type { Host } from '../host.ts';
import { openNodeGpu } from '../nodeGpu.ts';
import type { PainterJob, TextJob } from './options.ts';

/** The exit code of a process that took the work over, or what trains here. */
export async function openTrainer<T>(
  device: 'webgpu' | 'cpu',
  host: Host,
  make: { onCpu: () => T; onGpu: (gpu: Gpu) => Promise<T> },
): Promise<number | { trainer: T; device: string }> {
  if (device === 'cpu') return { trainer: make.onCpu(), device: 'CPU' };
  const found = await openNodeGpu(host);
  if (found) return { trainer: await make.onGpu(found.gpu), device: found.info.name };
  const restarted = host.restart?.();
  if (restarted !== undefined && restarted !== null) return restarted;
  throw new UserError('no-adapter', 'No GPU and no software driver was found.', 'Try --device cpu.');
}

/** Trains to the last step, and stops for a reading on the way. Returns the time of the steps alone. */
export async function trainAll(
  trainer: Trains,
  { steps, every }: PainterJob | TextJob,
  reading: (loss: number) => Promise<void>,
): Promise<number> {
  let milliseconds = 0;
  while (trainer.steps < steps) {
    const until = Math.min(steps, (Math.floor(trainer.steps / every) + 1) * every);
    let loss = Number.NaN;
    while (trainer.steps < until) {
      const start = performance.now();
      loss = (await trainer.advance(Math.min(MOST_STEPS, until - trainer.steps))).at(-1)!.loss;
      milliseconds += performance.now() - start;
    }
    await reading(loss);
  }
  return milliseconds;
}

/** When the rate falls. */
export const decayOf = ({ constant, steps }: PainterJob | TextJob) =>
  constant ? null : { from: Math.floor(0.7 * steps), to: steps };
