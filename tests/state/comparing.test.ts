/** Asking for a sweep in parts: what was measured stays, whatever happens later; and the runs that the browser remembers. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Comparing } from '../../src/state/saves/comparing.ts';
import { partsOf } from '../../src/state/saves/comparison.ts';
import {
  differs,
  type Figure,
  followRuns,
  forgetRun,
  forgetRuns,
  keepRun,
  keptRuns,
  rememberedRuns,
  runOfSweep,
  unlike,
} from '../../src/state/saves/history.ts';
import { Measuring } from '../../src/state/saves/measuring.ts';
import type { Session } from '../../src/state/session/session.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import { browserName } from '../../src/state/session/stamp.ts';
import type { Sweep, SweepRequest, TuningSearch } from '../../src/worker/protocol.ts';
import { comparisonOf } from '../ui/comparisons.ts';

/** As much of a browser's storage as is used. */
function storage(): Record<string, string> {
  const kept: Record<string, string> = {};
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => kept[key] ?? null,
      setItem: (key: string, value: string) => {
        kept[key] = value;
      },
      removeItem: (key: string) => {
        delete kept[key];
      },
    },
    document: { baseURI: 'https://example.org/' },
    location: new URL('https://example.org/'),
  });
  vi.stubGlobal('navigator', { userAgent: 'Firefox/150.0' });
  for (const what of ['sweep', 'quality', 'layer'] as const) forgetRuns(what);
  return kept;
}

/** A page whose worker answers as `answer` does. */
function page(answer: (request: SweepRequest) => Promise<Sweep>, bytes = 13e6) {
  const asked: (readonly number[])[] = [];
  const given: string[] = [];
  let cancels = 0;
  let held: Promise<void> | null = null;
  const opened = {
    model: { name: 'a model', experts: 16, bytes },
    info: { kind: 'webgpu', fallback: false },
    tuningKey: 'an adapter',
  };
  const session = {
    opened: { get: () => opened },
    engine: { get: () => ({ phase: 'ready', opened, entry: {} }) },
    source: signal({ kind: 'live' }),
    phase: signal('ended'),
    place: { measures: true },
    repeat: choice<string | null>('64'),
    writing: {
      giveWay: () => {
        given.push('gives way');
        return () => given.push('goes on');
      },
    },
    client: {
      limits: async () => comparisonOf([1]).limits,
      sweep: (request: SweepRequest, onProgress: (done: number, total: number) => void) => {
        asked.push(request.tokens);
        onProgress(50, 100);
        const until = held;
        held = null;
        return until ? until.then(() => answer(request)) : answer(request);
      },
      searchTuning: async () => ({}),
      cancelMeasurement: () => {
        cancels++;
      },
    },
  };
  const measuring = new Measuring(session as unknown as Session);
  const own = { ...session, measuring };
  const comparing = new Comparing(own as unknown as Session);
  for (const each of [session, own]) Object.assign(each, { comparing });
  measuring.search.know({} as TuningSearch);
  /** The next sweep waits for what this answers. */
  const hold = () => {
    let resolve = () => {};
    let reject = (_: unknown) => {};
    held = new Promise<void>((done, failed) => {
      resolve = done;
      reject = failed;
    });
    return { resolve: () => resolve(), reject: (thrown: unknown) => reject(thrown) };
  };
  return { measuring, comparing, asked, given, repeat: session.repeat, cancelled: () => cancels, hold };
}

const swept = async ({ tokens }: SweepRequest): Promise<Sweep> => comparisonOf(tokens);
const failing = (thrown: unknown) => (request: SweepRequest) =>
  request.tokens[0] > 8 ? Promise.reject(thrown) : swept(request);

describe('a comparison', () => {
  beforeEach(() => void storage());

  it('is asked for in two parts and joined, with crossings over both', async () => {
    const { comparing, asked, given, repeat } = page(swept);
    await comparing.start(64);
    expect(asked).toEqual(partsOf(64));
    const found = comparing.found.get()!;
    expect(found.points.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(found.crossings).toEqual(comparisonOf([1, 2, 4, 8, 16, 32, 64]).crossings);
    expect(found.lost).toBeNull();
    expect(comparing.run.get().state).toBe('done');
    expect(keptRuns()).toEqual([runOfSweep(found)]);
    expect(repeat.get()).toBeNull();
    expect(given).toEqual(['gives way', 'goes on']);
  });

  it('of one token stands in the same store, and gives way to a longer one', async () => {
    const { comparing, asked } = page(swept);
    await comparing.brief();
    expect(comparing.found.get()!.points.map(({ tokens }) => tokens)).toEqual([1]);
    expect(keptRuns()).toEqual([]);
    await comparing.start(8);
    expect(comparing.found.get()!.points.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8]);
    expect(asked).toEqual([[1], [1, 2, 4, 8]]);
  });

  it('that nobody asked for runs when the text rests, once, and stops at a touch', async () => {
    const { measuring, comparing, asked, cancelled, hold } = page(swept);
    const first = hold();
    const idle = measuring.whenIdle();
    await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 60_000 });
    measuring.giveWay();
    expect(cancelled()).toBe(1);
    first.reject({ code: 'cancelled', message: 'Cancelled.' });
    await idle;
    expect(comparing.found.get()).toBeNull();
    await measuring.whenIdle();
    expect(comparing.found.get()!.points).toHaveLength(1);
    await measuring.whenIdle();
    expect(asked).toHaveLength(2);
    // What was asked for goes on.
    const second = hold();
    const wanted = comparing.brief();
    await vi.waitFor(() => expect(asked).toHaveLength(3), { timeout: 60_000 });
    measuring.giveWay();
    expect(cancelled()).toBe(1);
    second.resolve();
    await wanted;
  });

  it('that nobody asked for gives way to one that is asked for, which begins once it is over', async () => {
    const { measuring, comparing, asked, cancelled, hold } = page(swept);
    const unasked = hold();
    const idle = measuring.whenIdle();
    await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 60_000 });
    expect(measuring.busy.get()).toBe(false);
    // A press is a touch first.
    measuring.giveWay();
    const proof = vi.fn(async () => ({}) as never);
    const proving = measuring.measure(measuring.proof, 'proving', proof);
    expect(cancelled()).toBe(1);
    expect(proof).not.toHaveBeenCalled();
    unasked.reject({ code: 'cancelled', message: 'Cancelled.' });
    await Promise.all([idle, proving]);
    expect(proof).toHaveBeenCalledOnce();
    expect(measuring.running.get()).toBe(false);
    // One that was asked for gives way to none.
    const wanted = hold();
    const brief = comparing.brief();
    await vi.waitFor(() => expect(asked).toHaveLength(2), { timeout: 60_000 });
    expect(measuring.busy.get()).toBe(true);
    await measuring.measure(measuring.proof, 'proving', proof);
    expect(proof).toHaveBeenCalledOnce();
    wanted.resolve();
    await brief;
    expect(measuring.busy.get()).toBe(false);
  });

  it('that nobody asked for is not tried again where the GPU or the tab gave up under it twice', async () => {
    const kept = storage();
    for (let visit = 0; visit < 4; visit++) {
      const { measuring, asked } = page(() => Promise.reject({ code: 'device-lost', message: 'Lost.', hint: '' }));
      await measuring.whenIdle();
      await measuring.whenIdle();
      expect(asked).toHaveLength(visit === 0 ? 2 : 0);
    }
    // A tab that died says nothing; one that is well forgets the first time.
    for (const died of [1, 2]) {
      kept['moescope.unasked'] = JSON.stringify({ 'an adapter': died });
      const { measuring, comparing } = page(swept);
      await measuring.whenIdle();
      expect(comparing.found.get() !== null).toBe(died < 2);
    }
    kept['moescope.unasked'] = 'damaged';
    const { measuring, comparing } = page(swept);
    await measuring.whenIdle();
    expect(comparing.found.get()).not.toBeNull();
  });

  it('that nobody asked for makes no twins of a large model', async () => {
    const { measuring, comparing, asked } = page(swept, 4.2e9);
    await measuring.whenIdle();
    expect(asked).toEqual([]);
    await comparing.brief();
    expect(asked).toEqual([[1]]);
  });

  it('keeps decode when prefill fails, and says why it is missing', async () => {
    const { comparing } = page(failing({ code: 'out-of-memory', message: 'The GPU has no room.', hint: '' }));
    await comparing.start(512);
    const found = comparing.found.get()!;
    expect(found.points.map(({ tokens }) => tokens)).toEqual([1, 2, 4, 8]);
    expect(found.lost).toBe('The larger steps could not be measured: The GPU has no room.');
  });

  it('keeps the steps before a device was lost in the middle, and asks for no larger ones', async () => {
    const lost = 'The graphics device was lost.';
    const { comparing, asked } = page(async ({ tokens }) => ({ ...comparisonOf(tokens.slice(0, 2)), lost }));
    await comparing.start(512);
    expect(asked).toEqual([[1, 2, 4, 8]]);
    expect(comparing.found.get()!.points.map(({ tokens }) => tokens)).toEqual([1, 2]);
    expect(comparing.found.get()!.lost).toBe(`The larger steps could not be measured: ${lost}`);
    expect(keptRuns()[0].figures).toHaveLength(8);
  });

  it('keeps decode when prefill is cancelled', async () => {
    const { comparing } = page(failing({ code: 'cancelled', message: 'Cancelled.', hint: '' }));
    await comparing.start(64);
    expect(comparing.found.get()!.points).toHaveLength(4);
    expect(comparing.found.get()!.lost).toContain('Stopped');
  });

  it('keeps the last one, and the limits, when all of the next fails', async () => {
    let broken = false;
    const { comparing } = page((request) => (broken ? Promise.reject({ code: 'x', message: 'No.' }) : swept(request)));
    await comparing.start(8);
    const before = comparing.found.get();
    broken = true;
    await comparing.start(8);
    expect(comparing.found.get()).toBe(before);
    expect(comparing.limits.get()).not.toBeNull();
    expect(comparing.run.get()).toMatchObject({ state: 'failed' });
    comparing.forget();
    expect(comparing.found.get()).toBeNull();
    expect(comparing.limits.get()).not.toBeNull();
  });
});

describe('the runs that the browser remembers', () => {
  const run = (day: number) => ({
    ...runOfSweep(comparisonOf([1, 8])),
    date: `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  });

  it('come back, the newest first, twelve of a kind at most, and can be erased', async () => {
    const kept = storage();
    const other = { ...run(1), what: 'quality' as const, date: '2026-10-01T00:00:00.000Z' };
    keepRun(other);
    for (let day = 1; day <= 14; day++) keepRun(run(day));
    expect(keptRuns()).toHaveLength(13);
    expect(rememberedRuns()).toEqual(keptRuns());
    expect(keptRuns()[0].date).toContain('11-14');
    vi.resetModules();
    expect((await import('../../src/state/saves/history.ts')).keptRuns()).toEqual(rememberedRuns());
    forgetRun(run(14));
    expect(rememberedRuns()[0].date).toContain('11-13');
    expect(rememberedRuns()).toHaveLength(12);
    forgetRuns('sweep');
    expect(rememberedRuns()).toEqual([other]);
    forgetRuns('quality');
    expect(Object.keys(kept).filter((key) => kept[key] !== undefined)).toEqual([]);
  });

  it('lose nothing that another tab keeps or erases meanwhile, and follow it', () => {
    const kept = storage();
    const listeners: ((event: { key: string | null }) => void)[] = [];
    vi.stubGlobal('addEventListener', (_: string, listener: (typeof listeners)[number]) => listeners.push(listener));
    vi.stubGlobal('removeEventListener', () => listeners.pop());
    const seen = vi.fn();
    const leave = followRuns(seen);
    keepRun(run(1));
    // What a second tab does in the same storage.
    kept['moescope.runs'] = JSON.stringify([run(2), run(1)]);
    keepRun(run(3));
    expect(rememberedRuns().map(({ date }) => date.slice(8, 10))).toEqual(['03', '02', '01']);
    kept['moescope.runs'] = JSON.stringify([run(3)]);
    for (const listener of listeners) listener({ key: 'moescope.runs' });
    expect(keptRuns()).toEqual([run(3)]);
    expect(seen).toHaveBeenCalledTimes(3);
    for (const listener of listeners) listener({ key: 'another' });
    expect(seen).toHaveBeenCalledTimes(3);
    forgetRun(run(3));
    leave();
    expect([listeners.length, kept['moescope.runs']]).toEqual([0, undefined]);
  });

  it('last a visit where the storage is full, beside what it has', () => {
    const kept = storage();
    keepRun(run(1));
    Object.assign(globalThis.localStorage, {
      setItem: () => {
        throw new Error('full');
      },
    });
    keepRun(run(2));
    keepRun(run(3));
    expect(keptRuns()).toEqual([run(3), run(2), run(1)]);
    expect(JSON.parse(kept['moescope.runs'])).toEqual([run(1)]);
    forgetRun(run(2));
    expect(keptRuns()).toEqual([run(3), run(1)]);
    storage();
    expect(keptRuns()).toEqual([]);
  });

  it('differ where two figures are further apart than their spreads, and say what makes them no pair', () => {
    const [figure] = run(1).figures;
    const with_ = (changes: Partial<Figure>): Figure => ({ ...figure, value: 1, spread: 0.1, ...changes });
    expect(differs(with_({}), with_({ value: 1.2 }))).toBe(false);
    expect(differs(with_({}), with_({ value: 1.21 }))).toBe(true);
    const loss = (value: number) => with_({ unit: 'bits per byte', value, spread: 0 });
    expect(differs(loss(2.1), loss(2.1004))).toBe(false);
    expect(differs(loss(2.1), loss(2.101))).toBe(true);
    expect(unlike(run(1), { ...run(2), device: 'another', clock: 'wall' })).toEqual(['machine', 'clock']);
    expect(unlike(run(1), run(2))).toEqual([]);
  });

  it('are left out where they are damaged or foreign, and cost nothing where storage is denied', () => {
    const kept = storage();
    const good = run(1);
    const bad = [
      null,
      7,
      {},
      { ...good, date: 'yesterday' },
      { ...good, figures: [{ of: 'moe' }] },
      { ...good, what: 'guess' },
      { ...good, clock: 'sun' },
    ];
    kept['moescope.runs'] = JSON.stringify([...bad, good]);
    expect(rememberedRuns()).toEqual([good]);
    kept['moescope.runs'] = '{';
    expect(rememberedRuns()).toEqual([]);
    Object.defineProperty(globalThis, 'localStorage', {
      configurable: true,
      get: () => {
        throw new Error('denied');
      },
    });
    expect(rememberedRuns()).toEqual([]);
    keepRun(good);
    expect(keptRuns()).toEqual([good]);
    Object.defineProperty(globalThis, 'localStorage', { configurable: true, writable: true, value: undefined });
  });
});

describe('the browser’s name', () => {
  it('is its brand, or what its user agent says', () => {
    const brands = [
      { brand: 'Not)A;Brand', version: '8' },
      { brand: 'Chromium', version: '156' },
      { brand: 'Google Chrome', version: '156' },
    ];
    expect(browserName({ userAgent: '', userAgentData: { brands } })).toBe('Google Chrome 156');
    expect(browserName({ userAgent: '', userAgentData: { brands: brands.slice(0, 2) } })).toBe('Chromium 156');
    expect(browserName({ userAgent: 'Mozilla/5.0 Gecko/20100101 Firefox/150.0' })).toBe('Firefox 150');
    expect(browserName({ userAgent: 'AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15' })).toBe('Safari 19');
    expect(browserName({ userAgent: 'a teapot' })).toBe('unknown browser');
  });
});
