/** Copies that are kept while a file is read, on a file system of this test's own. */
import { afterEach, expect, it, vi } from 'vitest';
import { UserError } from '../../src/model/errors.ts';
import type { HttpSource } from '../../src/model/httpSource.ts';
import { forget } from '../../src/worker/elsewhere.ts';
import { type KeptSource, keepWhole, keptSource } from '../../src/worker/kept.ts';
import { wholeCopy } from '../../src/worker/wholeCopy.ts';
import { Disk } from './disk.ts';

afterEach(() => vi.unstubAllGlobals());

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) >> 3);
const URL_OF_IT = 'https://models.test/a/model.gguf';

/** A server that counts what it sends, and breaks off after `most` bytes. */
function serving(file: Uint8Array, tag: string | null, most = Number.POSITIVE_INFINITY) {
  const sent: [number, number][] = [];
  const remote = async (): Promise<HttpSource> => ({
    bytes: file.length,
    tag,
    read: async (from, to) => {
      if (sent.reduce((sum, [a, b]) => sum + b - a, 0) + to - from > most)
        throw new UserError('network', 'The connection broke.');
      sent.push([from, to]);
      return file.slice(from, to);
    },
  });
  return { sent, remote };
}
const offline = async () => Promise.reject(new UserError('network', 'There is no network.'));
const PARTS = [0, 2_000, 6_000, 10_000];
const readAll = async (source: { read(from: number, to: number): Promise<Uint8Array> }) => {
  const all = new Uint8Array(FILE.length);
  for (let i = 1; i < PARTS.length; i++) all.set(await source.read(PARTS[i - 1], PARTS[i]), PARTS[i - 1]);
  return all;
};
const SOON = { timeout: 60_000, interval: 5 };
/** Until the description of the one file says that so many of its bytes are here, and nobody holds it any more. */
const described = (disk: Disk, bytes: number) =>
  vi.waitFor(() => {
    const [, text] = [...disk.files].find(([name]) => name.endsWith('.json'))!;
    const { have } = JSON.parse(new TextDecoder().decode(text)) as { have: [number, number][] };
    expect(have.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(bytes);
    expect(disk.held.size).toBe(0);
  }, SOON);
/** The same disk as another tab, or a page that is being left, has it. */
const elsewhere = (disk: Disk) => ({ ...disk.storage! });
const refused = (disk: Disk) => vi.waitFor(() => expect(disk.refused).toBeGreaterThan(0), SOON);

it('goes on where it broke off, fetches no byte twice, and needs no network once it is whole', async () => {
  const disk = new Disk();
  const first = serving(FILE, '"1"', 6_000);
  const broken = (await keptSource(URL_OF_IT, { storage: disk.storage, remote: first.remote }))!;
  await expect(readAll(broken)).rejects.toThrow('broke');
  broken.close();
  expect(disk.held.size).toBe(0);
  await described(disk, 6_000);

  const second = serving(FILE, '"1"');
  const source = (await keptSource(URL_OF_IT, { storage: disk.storage, remote: second.remote }))!;
  expect(await readAll(source)).toEqual(FILE);
  expect([...first.sent, ...second.sent]).toEqual([
    [0, 2_000],
    [2_000, 6_000],
    [6_000, 10_000],
  ]);
  // Across what is here and what is not, and all of it again: nothing more is asked for.
  expect(await source.read(5_000, 7_000)).toEqual(FILE.subarray(5_000, 7_000));
  await source.finish();
  source.close();
  // A new device reads it once more.
  expect(await source.read(5, 9_900)).toEqual(FILE.subarray(5, 9_900));
  expect(second.sent).toHaveLength(1);

  const whole = (await keptSource(URL_OF_IT, { storage: disk.storage, remote: offline }))!;
  expect(await readAll(whole)).toEqual(FILE);
  expect(whole.changed).toBe(false);
});

it('writes down in the end what it could not write down meanwhile', async () => {
  const disk = new Disk();
  const { remote } = serving(FILE, '"1"');
  const source = (await keptSource(URL_OF_IT, { storage: disk.storage, remote }))!;
  const name = [...disk.files.keys()][0].replace('.gguf', '.json');
  await readAll(source);
  disk.held.add(name);
  const finished = source.finish();
  await refused(disk);
  disk.held.delete(name);
  await finished;
  source.close();
  await described(disk, FILE.length);
  const whole = (await keptSource(URL_OF_IT, { storage: disk.storage, remote: offline }))!;
  expect(await readAll(whole)).toEqual(FILE);
});

it('waits for a page that was just left to let go of the file, and takes it as that page has left it', async () => {
  const disk = new Disk();
  const { sent, remote } = serving(FILE, '"1"');
  const left = (await keptSource(URL_OF_IT, { storage: elsewhere(disk), remote }))!;
  const opening = keptSource(URL_OF_IT, { storage: disk.storage, remote });
  await refused(disk);
  await left.read(0, 2_000);
  left.close();
  const source = (await opening)!;
  expect(source.notKept).toBeNull();
  expect(await readAll(source)).toEqual(FILE);
  expect(sent).toEqual([
    [0, 2_000],
    [2_000, 6_000],
    [6_000, 10_000],
  ]);
  source.close();
});

it('shares a file that is open and still grows, until the last that reads it is gone', async () => {
  const disk = new Disk();
  const { sent, remote } = serving(FILE, '"1"');
  const { storage } = disk;
  const old = new AbortController();
  const [running, again] = (await Promise.all([
    keptSource(URL_OF_IT, { storage, remote, signal: old.signal }),
    keptSource(URL_OF_IT, { storage, remote }),
  ])) as [KeptSource, KeptSource];
  await running.read(0, 2_000);
  const third = (await keptSource(URL_OF_IT, { storage, remote }))!;
  expect([again.notKept, third.notKept, disk.refused]).toEqual([null, null, 0]);
  expect(third.here!(0, 2_000)).toBe(true);
  third.close();
  third.close();
  old.abort();
  expect(disk.held.size).toBe(1);
  expect(await readAll(again)).toEqual(FILE);
  expect(sent).toEqual([
    [0, 2_000],
    [2_000, 6_000],
    [6_000, 10_000],
  ]);

  const newer = (await keptSource(URL_OF_IT, { storage, remote: serving(FILE, '"2"').remote }))!;
  expect(newer.notKept).toContain('another file now');
  again.close();
  await described(disk, FILE.length);
});

it('never leaves half a description', async () => {
  const disk = new Disk();
  const { remote } = serving(FILE, '"1"');
  const seen: string[] = [];
  const begun = (await keptSource(URL_OF_IT, { storage: disk.storage, remote }))!;
  await begun.read(0, 10);
  await begun.read(9_000, 10_000);
  begun.close();
  await described(disk, 1_010);
  const name = [...disk.files.keys()].find((file) => file.endsWith('.json'))!;
  const set = disk.files.set.bind(disk.files);
  disk.files.set = (file, bytes) => {
    if (file === name) seen.push(new TextDecoder().decode(bytes));
    return set(file, bytes);
  };
  const source = (await keptSource(URL_OF_IT, { storage: disk.storage, remote }))!;
  // One part in place of two: shorter than what stood there.
  await source.finish();
  source.close();
  expect(seen.map((text) => JSON.parse(text).have)).toEqual([[[0, FILE.length]]]);
});

it.each([
  ['another version', FILE.map((byte) => byte ^ 1), '"2"'],
  ['another length', FILE.slice(0, 9_999), '"1"'],
])('fetches a file anew that has become %s', async (_, now, tag) => {
  const disk = new Disk();
  const before = (await keptSource(URL_OF_IT, { storage: disk.storage, remote: serving(FILE, '"1"').remote }))!;
  await before.read(0, 4_000);
  before.close();
  await described(disk, 4_000);
  const { sent, remote } = serving(now, tag);
  const source = (await keptSource(URL_OF_IT, { storage: disk.storage, remote }))!;
  expect(source.changed).toBe(true);
  expect(await source.read(0, now.length)).toEqual(now);
  expect(sent).toEqual([[0, now.length]]);
  source.close();
});

it('reads on, and says that nothing is kept, without storage, without room, and where the disk fills up', async () => {
  const { remote } = serving(FILE, null);
  const denied = { getDirectory: () => Promise.reject(new DOMException('no', 'SecurityError')) } as never;
  const straight = (await keptSource(URL_OF_IT, { storage: denied, remote }))!;
  expect(straight.notKept).toContain('no place');
  expect(await readAll(straight)).toEqual(FILE);

  const small = new Disk();
  small.room = 5_000;
  const none = (await keptSource(URL_OF_IT, { storage: small.storage, remote }))!;
  expect(none.notKept).toContain('too little room');
  expect(await readAll(none)).toEqual(FILE);

  const filling = new Disk();
  const source = (await keptSource(URL_OF_IT, { storage: filling.storage, remote }))!;
  filling.room = 5_000;
  await source.read(0, 2_000);
  expect([source.here!(0, 2_000), source.here!(1_000, 2_001), straight.here!(0, 1)]).toEqual([true, false, false]);
  expect(await readAll(source)).toEqual(FILE);
  expect([source.here!(0, 2_000), source.here!(6_000, 10_000)]).toEqual([true, false]);
  expect(source.notKept).toContain('no room left');
  expect(await readAll(source)).toEqual(FILE);
  expect(filling.held.size).toBe(0);

  const other = new Disk();
  const holder = (await keptSource(URL_OF_IT, { storage: elsewhere(other), remote }))!;
  const second = (await keptSource(URL_OF_IT, { storage: other.storage, remote }))!;
  expect(second.notKept).toContain('Another tab');
  expect(await readAll(second)).toEqual(FILE);
  holder.close();
});

it('reads a model over plain HTTP, where a browser offers neither storage nor hashes', async () => {
  vi.stubGlobal('crypto', {});
  vi.stubGlobal('navigator', {});
  const { remote } = serving(FILE, null);
  const straight = (await keptSource(URL_OF_IT, { remote }))!;
  expect(straight.notKept).toContain('no place');
  expect(await readAll(straight)).toEqual(FILE);
  expect(await keepWhole(URL_OF_IT, () => {})).toBeNull();
  await forget(URL_OF_IT);
});

it('asks the server again for what was deleted while its model is open, if it has the same version', async () => {
  const disk = new Disk();
  const { sent, remote } = serving(FILE, '"1"');
  const growing = (await keptSource(URL_OF_IT, { storage: disk.storage, remote }))!;
  await readAll(growing);
  await growing.finish();
  growing.close();
  for (const name of [...disk.files.keys()]) disk.files.delete(name);
  expect(await growing.read(10, 20)).toEqual(FILE.subarray(10, 20));
  expect(sent.at(-1)).toEqual([10, 20]);

  const gone = { size: FILE.length, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) };
  const copy = (tag: string) =>
    wholeCopy(gone as unknown as Blob, { url: URL_OF_IT, bytes: FILE.length, tag }, { remote });
  expect(await copy('"1"').read(3, 9)).toEqual(FILE.subarray(3, 9));
  await expect(copy('"0"').read(3, 9)).rejects.toMatchObject({ code: 'bad-file' });
});

it('lets go of the file when it is given up', async () => {
  const disk = new Disk();
  const giving = new AbortController();
  const { remote } = serving(FILE, null);
  const source = (await keptSource(URL_OF_IT, { storage: disk.storage, remote, signal: giving.signal }))!;
  await source.read(0, 10);
  giving.abort();
  expect(disk.held.size).toBe(0);
});
