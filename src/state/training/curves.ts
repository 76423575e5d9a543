/** The curves of a race as a table that any program reads. */
import type { RunnerFacts } from '../../worker/trainingRunners.ts';
import type { RacePoint } from './race.ts';

/** One line a point: the mean squared error since the point before, colours from -1 to 1. */
export function curvesCsv(runners: readonly RunnerFacts[], curves: readonly (readonly RacePoint[])[]): string {
  const lines = ['model,step,training_flops,seconds_of_own_steps,squared_error'];
  for (const [i, points] of curves.entries()) {
    const { model, flopsPerStep } = runners[i];
    for (const { step, milliseconds, loss } of points)
      lines.push([model, step, step * flopsPerStep, (milliseconds / 1000).toFixed(3), loss.toPrecision(6)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
