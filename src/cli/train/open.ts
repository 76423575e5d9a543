/** How the steps of both tasks pass, in Node as in a page. */
import type { FoundGpu } from '../../engine/webgpu/adapter.ts';
import { MOST_STEPS, type Trains } from '../../train/types.ts';
import type { PainterJob, TextJob } from './options.ts';

/** Where it is trained, and what hears how it goes. */
export interface Place {
  /** null: on the CPU. */
  readonly found: FoundGpu | null;
  readonly tell: (line: string) => void;
}

export const deviceOf = ({ found }: Place): string => found?.info.name ?? 'CPU';

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
