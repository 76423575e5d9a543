/** A race in the worker whose device goes away: it goes on from what was kept, and comes where it would have come. */
import { expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createCpuTrainer } from '../../src/train/cpu.ts';
import { DEFAULT_RACE, runnersOf, settingsOf, shapeOf, smaller } from '../../src/train/race.ts';
import { readSaved, writeSaved } from '../../src/train/saved.ts';
import { MOST_STEPS, twinOf } from '../../src/train/types.ts';
import { createGpuTrainer } from '../../src/train/webgpu.ts';
import { type RaceEvent, Training } from '../../src/worker/training.ts';
import { allOrNone, tooSlow, withRoom } from '../../src/worker/trainingOpening.ts';
import { TextTraining } from '../../src/worker/trainingText.ts';
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

it.each([Training, TextTraining])(
  'has nothing to save, finish or go on with before anybody learns (%o)',
  async (Kind) => {
    const training = new Kind(undefined);
    await expect(training.file('')).rejects.toEqual({
      ...{ code: 'bad-input', message: 'There are no weights to save. Train first.', hint: '' },
    });
    training.finish();
    training.resume();
    await training.close();
  },
);

it('outlives the loss of its device', async () => {
  const file = await unborn();
  const events: RaceEvent[] = [];
  const until = async (is: (event: RaceEvent) => boolean) => {
    for (let from = 0; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      for (; from < events.length; from++) if (is(events[from])) return events[from];
    }
  };
  const training = new Training(createInstance());
  expect(await training.read(file)).toEqual({ settings: 'experts:4,width:32' });
  await training.prepare({ settings, picture: null, device: 'auto', saved: true }, (event) => void events.push(event));
  // What they learn can be looked at before they are here.
  expect(events[0]).toEqual({ type: 'target', target: picture });
  training.resume();
  await until((event) => event.type === 'standing' && event.standing.step > 2);
  training.loseDevice();
  const told = await until((event) => event.type === 'told' || event.type === 'fault');
  expect(told).toMatchObject({ type: 'told', fault: { code: 'device-lost' }, info: { kind: 'webgpu' } });
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

it('says so when it goes on without a GPU', async () => {
  const instance = createInstance();
  let given = 0;
  const once = {
    requestAdapter: async (options: GPURequestAdapterOptions) => (given++ ? null : instance.requestAdapter(options)),
  };
  const events: RaceEvent[] = [];
  const training = new Training(once as unknown as GPU);
  await training.read(await unborn());
  const ready = await training.prepare(
    { settings, picture: null, device: 'auto', saved: true },
    (event) => void events.push(event),
  );
  expect(ready.info.kind).toBe('webgpu');
  training.resume();
  training.loseDevice();
  while (!events.some(({ type }) => type === 'told')) await new Promise((resolve) => setTimeout(resolve, 10));
  await training.close();
  const told = events.find((event) => event.type === 'told')!;
  expect(told).toMatchObject({ info: { kind: 'cpu', name: 'CPU' } });
  expect(told.fault.message).toContain('on the processor, slowly');
});

/** Steps that take as long as one likes. */
function trainerOf(milliseconds: number) {
  const options = { shape: shapeOf(settings, scale), picture, batch: scale.batch, seed: 0 };
  const trainer = createCpuTrainer(options);
  const { advance } = trainer;
  trainer.advance = async (count) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds * count));
    return advance(count);
  };
  return trainer;
}

it('tells whether a step takes too long, and leaves what it timed as it was', async () => {
  const bounds = { gpu: 40, software: 4000, cpu: Number.POSITIVE_INFINITY };
  const slow = trainerOf(50);
  const before = await slow.save();
  expect(await tooSlow(slow, 'gpu', bounds)).toBeGreaterThan(45);
  expect(await slow.save()).toEqual(before);
  expect(await tooSlow(slow, 'software', bounds)).toBeNull();
  expect(await tooSlow(slow, 'cpu', bounds)).toBeNull();
  expect([smaller('gpu'), smaller('software')]).toEqual(['software', 'cpu']);
});

it('says so where the loss is no number any more, and can begin again', async () => {
  const saved = await readSaved(await unborn());
  if (!('picture' in saved)) throw new Error('No painters.');
  const runs = saved.runs.map((run) => ({ ...run, weights: run.weights.map(() => 3e38) }));
  const training = new Training(undefined);
  await training.read(writeSaved({ ...saved, runs }));
  const request = { settings, picture, device: 'cpu' as const };
  const fault = new Promise<RaceEvent>((resolve) => {
    const hear = (event: RaceEvent) => void (event.type === 'fault' && resolve(event));
    void training.prepare({ ...request, saved: true }, hear).then(() => training.resume());
  });
  const message = 'The loss is no number any more.';
  expect(await fault).toMatchObject({ fault: { message, hint: 'Begin again with a lower rate.' } });
  const standings: number[] = [];
  await training.prepare({ ...request, saved: false }, (event) => {
    if (event.type === 'standing') standings.push(event.standing.decibels);
  });
  expect(standings.every(Number.isFinite)).toBe(true);
  await training.close();
});

it('says so where a GPU has no room, and makes none of them', async () => {
  const { gpu } = await findGpu(createInstance());
  let destroyed = 0;
  const make = async (size: number) => {
    const buffer = gpu.device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
    const destroy = () => {
      buffer.destroy();
      destroyed++;
    };
    return { destroy, trainer: { destroy } };
  };
  await expect(withRoom(gpu.device, () => make(2 ** 50))).rejects.toMatchObject({
    code: 'out-of-memory',
    message: 'This GPU has no room for these models.',
  });
  expect(destroyed).toBe(1);
  const makes = [() => make(256), () => withRoom(gpu.device, () => make(2 ** 50))];
  await expect(allOrNone(makes)).rejects.toMatchObject({ code: 'out-of-memory' });
  expect(destroyed).toBe(3);
  gpu.device.destroy();
});
