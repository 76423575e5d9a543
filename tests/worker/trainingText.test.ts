/** The text race in the worker: what it tells of a run, on both devices, and what of texts that are too short. */
import { expect, it } from 'vitest';
import { usualRace } from '../../src/train/race.ts';
import { likingsOf } from '../../src/train/text/likings.ts';
import { Training } from '../../src/worker/training.ts';
import { type TextEvent, type TextStanding, TextTraining } from '../../src/worker/trainingText.ts';
import { createInstance } from '../dawn.ts';

const settings = { ...usualRace('text'), experts: 4, width: 64 };
/** One kind of digits alone, one of letters alone. */
const texts = [
  { name: 'digits', text: '0123456789 '.repeat(90) },
  { name: 'letters', text: 'the cat sat on the mat. '.repeat(50) },
];

const request = { settings, texts, own: true, device: 'cpu' as const, saved: false };

/** MOESCOPE_FULL=1 takes both; the trainers are tested without a worker. */
const DEVICES = process.env.MOESCOPE_FULL === '1' ? (['cpu', 'auto'] as const) : (['cpu'] as const);

it.each(DEVICES)('learns, writes and says what experts are asked for (%s)', async (device) => {
  const standings: TextStanding[] = [];
  const training = new TextTraining(createInstance());
  let heard: () => void = () => {};
  const ready = await training.prepare({ ...request, device }, (event: TextEvent) => {
    if (event.type !== 'standing') throw new Error(JSON.stringify(event));
    standings.push(event.standing);
    heard();
  });
  expect(ready.info.kind).toBe(device === 'cpu' ? 'cpu' : 'webgpu');
  expect(ready.kinds.map(({ name }) => name)).toEqual(['digits', 'letters']);
  const [moe, dense] = ready.runners;
  expect(moe.parameters.total).toBeGreaterThan(1.3 * dense.parameters.total);
  expect(moe.flopsPerStep / dense.flopsPerStep).toBeGreaterThan(1);
  expect(moe.flopsPerStep / dense.flopsPerStep).toBeLessThan(1.05);
  const first = standings.slice(0, 2);
  training.resume();
  const last = (runner: number) => standings.filter((each) => each.runner === runner).at(-1)!;
  await new Promise<void>((resolve) => {
    heard = () => {
      if (last(1).step > 12) resolve();
    };
  });
  await training.close();
  for (const runner of [0, 1]) {
    const now = last(runner);
    expect(now.heldOut).toBeLessThan(first[runner].heldOut - 0.2);
    expect(now.byKind.reduce((sum, each) => sum + each) / 2).toBeCloseTo(now.heldOut, 9);
    for (const [kind, { text }] of texts.entries()) {
      const { samples, begun } = now;
      expect([...samples[kind]].length).toBeGreaterThan(begun);
      expect(text).toContain(samples[kind].slice(0, begun));
    }
  }
  expect(last(1).assigned).toBeNull();
  const [characters, kinds] = likingsOf(last(0).assigned!, ready);
  expect([characters.of, kinds.of]).toEqual(['characters', 'kinds']);
  // By chance: half of the rows are of either kind, and a tenth of one in eleven characters is a 7.
  for (const { chance } of kinds.experts.flat()) expect(chance).toBe(0.5);
  for (const { what, chance } of characters.experts.flat())
    if (what === '7') expect(Math.abs(chance - 1 / 22)).toBeLessThan(0.01);
  for (const [layer, taken] of last(0).shares.entries()) {
    expect(taken.reduce((sum, each) => sum + each)).toBeCloseTo(1, 6);
    expect(last(0).dead[layer]).toBe(taken.filter((each) => each < 0.01).length);
  }
});

it('says which text is too short', async () => {
  const training = new TextTraining(undefined);
  const short = [{ name: 'note', text: 'milk, bread' }];
  await expect(training.prepare({ ...request, texts: short }, () => {})).rejects.toMatchObject({
    code: 'bad-input',
    message: 'The text “note” has 11 characters; 650 are needed.',
  });
});

it('goes on on another device with the models of its run, whatever was chosen since for the next', async () => {
  class Moved extends TextTraining {
    move = async () => this.open(await this.keep());
  }
  const training = new Moved(undefined);
  const { runners } = await training.prepare(request, () => {});
  await training.set({ ...settings, experts: 8, width: 32, third: true });
  const moved = await training.move();
  expect(moved.map(({ facts }) => facts)).toEqual(runners);
  for (const { trainer } of moved) trainer.destroy();
  await training.close();
});

it('goes on from a file, with its texts, as if nothing had been in between', async () => {
  const training = new TextTraining(undefined);
  const standings: TextStanding[] = [];
  await training.prepare(request, (event) => void (event.type === 'standing' && standings.push(event.standing)));
  training.resume();
  while ((standings.at(-1)?.step ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await training.pause();
  const file = await training.file('task:text');
  const before = standings.slice(-2);
  await training.close();

  const other = new TextTraining(undefined);
  standings.length = 0;
  expect(await other.read(file)).toEqual({ settings: 'task:text', texts });
  const nothing = { ...request, texts: [], own: false };
  const ready = await other.prepare({ ...nothing, saved: true }, ({ type, ...event }) => {
    if ('standing' in event) standings.push(event.standing);
  });
  expect(ready.kinds.map(({ name }) => name)).toEqual(['digits', 'letters']);
  for (const [i, { step, heldOut, milliseconds }] of before.entries())
    expect(standings[i]).toMatchObject({ step, heldOut, milliseconds });
  // Saved again, it says what it is trained with now.
  expect((await other.read(await other.file('task:text,rate:0.03'))).settings).toBe('task:text,rate:0.03');
  await other.close();

  // Texts that nobody brought are not handed on as somebody's own.
  const third = new TextTraining(undefined);
  await third.prepare({ ...request, own: false }, () => {});
  expect((await other.read(await third.file('task:text'))).texts).toEqual([]);
  await third.close();
  await expect(new Training(undefined).read(file)).rejects.toMatchObject({
    code: 'bad-file',
    message: 'This file holds models that write.',
  });
});
