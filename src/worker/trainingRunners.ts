/** The painters of a race, each with its trainer. */
import type { NamedGpu } from '../engine/webgpu/adapter.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { countParameters, stepFlops } from '../reference/painter/shape.ts';
import { createCpuTrainer } from '../train/cpu.ts';
import { type RaceSettings, runnersOf, type Scale, shapeOf } from '../train/race.ts';
import { type Trainer, twinOf } from '../train/types.ts';
import { createGpuTrainer } from '../train/webgpu.ts';
import { allOrNone, goOnFrom, withRoom } from './trainingOpening.ts';
import type { KeptRun, Runner } from './trainingTurns.ts';

/** What decides all that a race is. */
export interface RaceSetup {
  readonly settings: RaceSettings;
  readonly scale: Scale;
  readonly target: Pixels;
}

/**
 * Makes every model anew, or as it was kept; all or none.
 * @param found null: on the CPU.
 * @throws UserError out-of-memory, bad-file
 */
export async function openRunners(
  found: NamedGpu | null,
  { settings, scale, target }: RaceSetup,
  kept: readonly KeptRun[] | null,
): Promise<Runner<Trainer>[]> {
  const makes = runnersOf(settings).map((model, i) => async (): Promise<Runner<Trainer>> => {
    const shape = twinOf(shapeOf(settings, scale), model);
    const options = { shape, picture: target, batch: scale.batch, seed: settings.seed };
    const trainer = found
      ? await withRoom(found.gpu.device, () => createGpuTrainer(found.gpu, options))
      : createCpuTrainer(options);
    const facts = { model, parameters: countParameters(shape), flopsPerStep: stepFlops(shape, scale.batch) };
    const run = kept?.[i];
    goOnFrom(trainer, run);
    return { trainer, facts, milliseconds: run?.milliseconds ?? 0, atOnce: 1, losses: [] };
  });
  return allOrNone(makes);
}
