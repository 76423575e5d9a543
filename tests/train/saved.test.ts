/** What was learned, as a file: gone on with to the bit, and whatever else is brought gets one sentence. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import { createCpuTrainer } from '../../src/train/cpu.ts';
import { readSaved, type SavedRace, writeSaved } from '../../src/train/saved.ts';
import type { RunOptions, Trainer } from '../../src/train/types.ts';
import { createGpuTrainer } from '../../src/train/webgpu.ts';
import { ALONE } from '../kernels/device.ts';

const picture = { width: 4, height: 4, data: Uint8ClampedArray.from({ length: 64 }, (_, i) => (i * 37) % 256) };
const options: RunOptions = {
  shape: { width: 8, layers: 2, hidden: 12, experts: 5, k: 2, octaves: 3, routerReads: 'place' },
  ...{ picture, batch: 16, seed: 7 },
};
const about = { settings: 'experts:4,k:2', picture, batch: 16, octaves: 3 };

const asFile = async (...trainers: Trainer[]): Promise<SavedRace> => ({
  ...about,
  runs: await Promise.all(trainers.map(async (each) => ({ ...(await each.save()), milliseconds: 12.5 }))),
});

describe('a race as a file', () => {
  it.each([
    ['on the CPU', async () => createCpuTrainer(options)],
    ['on the GPU', () => createGpuTrainer(ALONE, options)],
  ])('goes on as if nothing had been in between, %s', async (_, make: () => Promise<Trainer>) => {
    const whole = await make();
    // Loss-free balancing: its biases are kept, too.
    whole.settings = { ...whole.settings, balance: 'bias' };
    await whole.advance(3);
    const file = writeSaved(await asFile(whole, whole));
    await whole.advance(2);
    const again = await make();
    again.settings = whole.settings;
    const read = await readSaved(file);
    expect(read).toMatchObject({ ...about, picture: { width: 4, height: 4, data: picture.data } });
    again.load(read.runs[1]);
    expect(again.steps).toBe(3);
    await again.advance(2);
    expect(await again.save()).toEqual(await whole.save());
    expect((await again.paint()).data).toEqual((await whole.paint()).data);
    for (const trainer of [whole, again]) trainer.destroy();
  });

  it('crosses from one device to the other', async () => {
    const cpu = createCpuTrainer(options);
    await cpu.advance(3);
    const gpu = await createGpuTrainer(ALONE, options);
    gpu.load(await cpu.save());
    expect(await gpu.save()).toEqual(await cpu.save());
    gpu.destroy();
  });

  it('refuses weights of another shape', async () => {
    const { runs } = await asFile(createCpuTrainer(options));
    const other = createCpuTrainer({ ...options, shape: { ...options.shape, experts: 4 } });
    expect(() => other.load(runs[0])).toThrow(RangeError);
  });

  it('answers whatever else is brought with one sentence', async () => {
    const trainer = createCpuTrainer(options);
    const painters = await asFile(trainer, trainer);
    const texts = [{ name: 'a kind', text: 'abc' }];
    const writers = { settings: 'task:text', scale: 'cpu' as const, own: true, texts, runs: painters.runs };
    expect(await readSaved(writeSaved(writers))).toMatchObject({ scale: 'cpu', own: true, texts });
    for (const saved of [painters, writers]) await nobodyFails(new Uint8Array(await writeSaved(saved).arrayBuffer()));
  });

  async function nobodyFails(bytes: Uint8Array) {
    const brought = async (file: Uint8Array) => {
      try {
        await readSaved(new Blob([file as Uint8Array<ArrayBuffer>]));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).message).toMatch(/^This file .*\.$/);
      }
    };
    const inHeader = fc.tuple(fc.nat(1400), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(inHeader, { minLength: 1, maxLength: 4 }),
        fc.nat(bytes.length),
        async (changes, cut) => {
          const file = bytes.slice();
          for (const [at, value] of changes) file[at] = value;
          await brought(file);
          await brought(file.slice(0, cut));
        },
      ),
      { numRuns: 150 },
    );
    const values = new Uint8Array(bytes);
    values.fill(255, bytes.length - 600, bytes.length - 300);
    await expect(readSaved(new Blob([values]))).rejects.toThrow('damaged');
  }
});
