/** Makes the models of a race, as large as the device bears. */
import { UserError } from '../engine/types.ts';
import type { Kind } from '../train/race.ts';
import type { SavedRun, Trains } from '../train/types.ts';

/**
 * Makes a trainer where there is room for it.
 * @throws UserError out-of-memory
 */
export async function withRoom<T extends { destroy(): void }>(device: GPUDevice, make: () => Promise<T>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const trainer = await make().catch((error: unknown) => error as Error);
  // A device that was lost refuses nothing: the trainer finds out at its first step, if it did not while it was made.
  const answers = [0, 1].map(() => device.popErrorScope().catch(() => null));
  const refused = (await Promise.all(answers)).some((error) => error !== null);
  if (!(trainer instanceof Error) && !refused) return trainer;
  if (!(trainer instanceof Error)) trainer.destroy();
  if (!refused) throw trainer;
  throw new UserError(
    'out-of-memory',
    'This GPU has no room for these models.',
    'Choose fewer experts, or a smaller width.',
  );
}

/**
 * Lets a trainer go on from there, if from anywhere.
 * @throws UserError bad-file where that is of another shape
 */
export function goOnFrom(trainer: Trains & { destroy(): void }, run: SavedRun | undefined): void {
  try {
    if (run) trainer.load(run);
  } catch (error) {
    trainer.destroy();
    if (!(error instanceof RangeError)) throw error;
    throw new UserError('bad-file', 'This file is damaged: its weights do not fit its settings.');
  }
}

/** Makes all, or none: what was made when one fails is destroyed. */
export async function allOrNone<T extends { readonly trainer: { destroy(): void } }>(
  makes: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const made: T[] = [];
  try {
    for (const make of makes) made.push(await make());
    return made;
  } catch (error) {
    for (const { trainer } of made) trainer.destroy();
    throw error;
  }
}

/** A step that takes longer on average is too long for a device of that kind. */
const SLOW_MILLISECONDS: Readonly<Record<Kind, number>> = { gpu: 60, software: 600, cpu: Number.POSITIVE_INFINITY };
const TIMED_STEPS = 3;

/**
 * Whether the scale of this kind is too much for the device: milliseconds of a step if so. Leaves the trainer as it was.
 * @param bounds milliseconds; for tests.
 */
export async function tooSlow(trainer: Trains, kind: Kind, bounds = SLOW_MILLISECONDS): Promise<number | null> {
  if (!Number.isFinite(bounds[kind])) return null;
  const before = await trainer.save();
  // The first step waits for the driver.
  await trainer.advance(1);
  const start = performance.now();
  await trainer.advance(TIMED_STEPS);
  const milliseconds = (performance.now() - start) / TIMED_STEPS;
  trainer.load(before);
  return milliseconds > bounds[kind] ? milliseconds : null;
}
