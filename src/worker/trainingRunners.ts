/** The models of a race, each with its trainer. */
import { UserError } from '../engine/types.ts';
import type { NamedGpu } from '../engine/webgpu/adapter.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { countParameters, type PainterShape, stepFlops } from '../reference/painter/shape.ts';
import { createCpuTrainer } from '../train/cpu.ts';
import { type RaceSettings, runnersOf, type Scale, shapeOf } from '../train/race.ts';
import type { SavedRace } from '../train/saved.ts';
import { type Model, type RunOptions, type Trainer, twinOf } from '../train/types.ts';
import { createGpuTrainer } from '../train/webgpu.ts';

export interface RunnerFacts {
  readonly model: Model;
  readonly shape: PainterShape;
  readonly parameters: { readonly total: number; readonly active: number };
  readonly flopsPerStep: number;
}

export interface Runner {
  readonly trainer: Trainer;
  readonly facts: RunnerFacts;
  milliseconds: number;
  atOnce: number;
  losses: number[];
}

/** What decides all that a race is. */
export interface RaceSetup {
  readonly settings: RaceSettings;
  readonly scale: Scale;
  readonly target: Pixels;
}

/**
 * Makes every model anew, or as it was saved; all or none.
 * @param found null: on the CPU.
 * @throws UserError out-of-memory, bad-file
 */
export async function openRunners(
  found: NamedGpu | null,
  { settings, scale, target }: RaceSetup,
  saved: SavedRace | null,
): Promise<Runner[]> {
  const shape = shapeOf(settings, scale);
  const runners: Runner[] = [];
  try {
    for (const [i, model] of runnersOf(settings).entries()) {
      const own = twinOf(shape, model);
      const trainer = await open(found, { shape: own, picture: target, batch: scale.batch, seed: settings.seed });
      const facts: RunnerFacts = {
        ...{ model, shape: own, parameters: countParameters(own) },
        flopsPerStep: stepFlops(own, scale.batch),
      };
      const run = saved?.runs[i];
      runners.push({ trainer, facts, milliseconds: run?.milliseconds ?? 0, atOnce: 1, losses: [] });
      if (run) trainer.load(run);
    }
    return runners;
  } catch (error) {
    for (const { trainer } of runners) trainer.destroy();
    if (saved && error instanceof RangeError)
      throw new UserError('bad-file', 'This file is damaged: its weights do not fit its settings.');
    throw error;
  }
}

async function open(found: NamedGpu | null, options: RunOptions): Promise<Trainer> {
  if (!found) return createCpuTrainer(options);
  const { device } = found.gpu;
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const trainer = await createGpuTrainer(found.gpu, options).catch((error: unknown) => error as Error);
  const refused = [await device.popErrorScope(), await device.popErrorScope()].some((error) => error !== null);
  if (!(trainer instanceof Error) && !refused) return trainer;
  if (!(trainer instanceof Error)) trainer.destroy();
  if (!refused) throw trainer;
  throw new UserError(
    'out-of-memory',
    'This GPU has no room for these models.',
    'Choose fewer experts, or a smaller width.',
  );
}

/** As it stands between two steps. @param link the settings, as a link has them */
export async function saveRunners(
  runners: readonly Runner[],
  { scale, target }: RaceSetup,
  link: string,
): Promise<SavedRace> {
  const runs = await Promise.all(
    runners.map(async ({ trainer, milliseconds }) => ({ ...(await trainer.save()), milliseconds })),
  );
  return { settings: link, picture: target, batch: scale.batch, octaves: scale.octaves, runs };
}
