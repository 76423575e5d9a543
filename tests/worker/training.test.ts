/** A race in the worker whose device goes away: it goes on from what was kept, and comes where it would have come. */
import { expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createCpuTrainer } from '../../src/train/cpu.ts';
import { DEFAULT_RACE, runnersOf, settingsOf, shapeOf } from '../../src/train/race.ts';
import { readSaved, writeSaved } from '../../src/train/saved.ts';
import { MOST_STEPS, twinOf } from '../../src/train/types.ts';
import { createGpuTrainer } from '../../src/train/webgpu.ts';
import { type RaceEvent, Training } from '../../src/worker/training.ts';
import { createInstance } from '../dawn.ts';

const settings = { ...DEFAULT_RACE, experts: 4, width: 32 };
const scale = { size: 8, batch: 32, octaves: 2 };
const picture = { width: 8, height: 8, data: Uint8ClampedArray.from({ length: 256 }, (_, i) => (i * 91) % 256) };

/** As if it had been saved before its first step. */
async function unborn(): Promise<Blob> {
  const runs = await Promise.all(
    runnersOf(settings).map(async (model) => {
      const shape = twinOf(shapeOf(settings, scale), model);
      return { ...(await createCpuTrainer({ shape, picture, batch: scale.batch, seed: 0 }).save()), milliseconds: 0 };
    }),
  );
  return writeSaved({ settings: 'experts:4,width:32', picture, batch: scale.batch, octaves: scale.octaves, runs });
}

it('outlives the loss of its device', async () => {
  const file = await unborn();
  const events: RaceEvent[] = [];
  const until = async (is: (event: RaceEvent) => boolean) => {
    for (let from = 0; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      for (; from < events.length; from++) if (is(events[from])) return events[from];
    }
  };
  const training = new Training(createInstance());
  expect(await training.read(file)).toBe('experts:4,width:32');
  await training.prepare({ settings, picture: null, device: 'auto', saved: true }, (event) => void events.push(event));
  training.resume();
  await until((event) => event.type === 'standing' && event.standing.step > 2);
  training.loseDevice();
  const told = await until((event) => event.type === 'told' || event.type === 'fault');
  expect(told).toMatchObject({ type: 'told', fault: { code: 'device-lost' } });
  events.length = 0;
  await until((event) => event.type === 'standing' && event.standing.step > 2);
  const saved = await readSaved(await training.file('experts:4,width:32'));
  await training.close();

  // The same steps in one go.
  const { gpu } = await findGpu(createInstance());
  const before = await readSaved(file);
  for (const [i, model] of runnersOf(settings).entries()) {
    const shape = twinOf(shapeOf(settings, scale), model);
    const straight = await createGpuTrainer(gpu, { shape, picture, batch: scale.batch, seed: 0 });
    straight.load(before.runs[i]);
    straight.settings = settingsOf(settings, null);
    while (straight.steps < saved.runs[i].steps)
      await straight.advance(Math.min(MOST_STEPS, saved.runs[i].steps - straight.steps));
    const { milliseconds: _, ...lived } = saved.runs[i];
    expect(lived).toEqual(await straight.save());
  }
  gpu.device.destroy();
});
