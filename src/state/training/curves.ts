/** The curves of a race as a table that any program reads. */
import type { RunnerFacts } from '../../worker/trainingTurns.ts';
import type { RacePoint } from './running.ts';

/**
 * One line a point. @param loss what it is: of painters the mean squared error since the point before, colours from -1 to 1;
 * of writers nats a character of held-out text.
 */
export function curvesCsv(
  runners: readonly RunnerFacts[],
  curves: readonly (readonly RacePoint[])[],
  loss: 'squared_error' | 'held_out_nats',
): string {
  const lines = [`model,step,training_flops,seconds_of_own_steps,${loss}`];
  // Of a run that begins, the models of the one before are still told.
  for (const [i, { model, flopsPerStep }] of runners.entries()) {
    for (const { step, milliseconds, loss: value } of curves[i] ?? [])
      lines.push([model, step, step * flopsPerStep, (milliseconds / 1000).toFixed(3), value.toPrecision(6)].join(','));
  }
  return `${lines.join('\n')}\n`;
}
