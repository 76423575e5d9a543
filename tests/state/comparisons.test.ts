/** The two long comparisons of the page: what they ask of the worker, and that what was measured outlives what fails. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PublishedLayers } from '../../src/state/models/published.ts';
import { forgetRuns, keptRuns } from '../../src/state/saves/history.ts';
import { Measured } from '../../src/state/saves/measure.ts';
import { Measuring } from '../../src/state/saves/measuring.ts';
import { QualityBesideSpeed } from '../../src/state/saves/quality.ts';
import type { Session } from '../../src/state/session/session.ts';
import { choice, signal } from '../../src/state/session/signals.ts';
import type { Client } from '../../src/state/worker/client.ts';
import type { LayerTiming, Probe, Quality, QualityProgress, QualityRequest } from '../../src/worker/protocol.ts';
import { layerOf, qualityOf, qualityPoint } from '../ui/comparisons.ts';

const MODELS = ['moe', 'dense-active', 'dense-total'].map((id) => ({ id, file: `${id}.gguf`, bytes: 10, role: id }));
const fault = (message: string, hint = '', code = 'out-of-memory') => ({ code, message, hint });

/** As much of a session as the two need, over a worker that answers with `answers`. */
function sessionOver(client: Partial<Client>): Session {
  const session = {
    client,
    opened: signal({}),
    catalog: signal({ default: 'moe', models: MODELS }),
    writing: { giveWay: () => () => {} },
    repeat: choice<string | null>(null),
  } as unknown as Session;
  return Object.assign(session, { measuring: new Measuring(session) });
}

beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'https://example.org/page/' });
  vi.stubGlobal('navigator', { userAgent: 'Firefox/150.0' });
  for (const what of ['sweep', 'quality', 'layer'] as const) forgetRuns(what);
});
afterEach(() => vi.unstubAllGlobals());

describe('quality beside speed', () => {
  const found = (points: number): Quality =>
    qualityOf(Array.from({ length: points }, (_, k) => qualityPoint('moe', k, 2, 1)));

  it('asks for the chosen models and the text without its margins, and says what goes on', async () => {
    const asked: QualityRequest[] = [];
    const said: string[] = [];
    const session = sessionOver({
      readQuality: async (request, onProgress) => {
        asked.push(request);
        for (const step of ['fetching', 'reading', 'timing'] satisfies QualityProgress['step'][]) {
          onProgress({ step, done: 1, total: 2 });
          const now = quality.measure.get();
          if (now.state === 'running') said.push(`${now.step} ${now.done} of ${now.total}`);
        }
        return found(4);
      },
    });
    const quality = new QualityBesideSpeed(session);
    quality.toggle('dense-total');
    quality.text.choose('  a text \n');
    await quality.read();
    expect(asked[0].models.map(({ id, url }) => [id, url])).toEqual([
      ['moe', 'https://example.org/page/models/moe.gguf'],
      ['dense-active', 'https://example.org/page/models/dense-active.gguf'],
    ]);
    expect(asked[0]).toMatchObject({ ks: [1, 2, 3, 4], text: 'a text' });
    expect(said).toEqual([
      'fetching the models 1 of 2',
      'reading held-out text 1 of 2',
      'timing while they write 1 of 2',
    ]);
    quality.toggle('dense-total');
    quality.text.choose(' ');
    await quality.read();
    expect(asked[1].models).toHaveLength(3);
    expect(asked[1]).not.toHaveProperty('text');
    expect(keptRuns().map(({ what, figures }) => [what, figures.length])).toEqual([
      ['quality', 8],
      ['quality', 8],
    ]);
  });

  it('keeps what was measured when the next fails or is cancelled, and says why in a sentence', async () => {
    const readQuality = vi.fn().mockResolvedValueOnce(found(3));
    const session = sessionOver({ readQuality });
    const quality = new QualityBesideSpeed(session);
    await quality.read();
    readQuality.mockRejectedValueOnce(fault('The GPU gave up.', 'Close other tabs.'));
    await quality.read();
    expect(quality.measure.get()).toEqual({ state: 'failed', message: 'The GPU gave up. Close other tabs.' });
    expect(quality.result.get()?.points).toHaveLength(3);
    readQuality.mockRejectedValueOnce(fault('Cancelled.', '', 'cancelled'));
    await quality.read();
    expect(quality.measure.get().state).not.toBe('failed');
    expect(quality.result.get()?.points).toHaveLength(3);
    expect(session.measuring.running.get()).toBe(false);
  });
});

describe('quality as it is found', () => {
  const point = qualityPoint('moe', 2, 2, 1);
  const untimed = { ...qualityOf([{ ...point, time: null }]) };
  const { model, tokensSeen, k, domains } = point;
  const reading = { ...untimed, reader: { model, tokensSeen, k, domains: domains.slice(1) } };
  const cancelled = fault('Cancelled.', '', 'cancelled');
  /** A worker that finds these one after the other, and then ends so. */
  const finding =
    (found: readonly Quality[], end: () => Promise<Quality>): Client['readQuality'] =>
    async (_, onProgress) => {
      for (const soFar of found) onProgress({ step: 'reading', done: 1, total: 2, soFar });
      return end();
    };

  it('stands on the page while it grows, and stays as far as it came when it is cancelled', async () => {
    const seen: unknown[] = [];
    const found = [reading, untimed];
    const quality: QualityBesideSpeed = new QualityBesideSpeed(
      sessionOver({
        readQuality: finding(found, async () => {
          seen.push(quality.shown.get()?.points, quality.result.get());
          throw cancelled;
        }),
      }),
    );
    await quality.read();
    expect(seen).toEqual([untimed.points, null]);
    expect(quality.shown.get()).toBe(quality.result.get());
    expect(quality.result.get()).toMatchObject({ ...untimed, lost: expect.stringContaining('Stopped early') });
    expect(keptRuns()).toEqual([]);
  });

  it('says what ended it, and is remembered as a run once all were timed', async () => {
    const broken = finding([qualityOf([point])], () => Promise.reject(fault('The GPU gave up.', '')));
    const quality = new QualityBesideSpeed(sessionOver({ readQuality: broken }));
    await quality.read();
    expect(quality.result.get()?.lost).toContain('The GPU gave up.');
    expect(quality.measure.get().state).toBe('done');
    expect(keptRuns()).toHaveLength(1);
  });

  it('takes the place of an earlier result only when it says as much, and never speaks after its end', async () => {
    let late: Parameters<Client['readQuality']>[1] = () => {};
    const readQuality = vi
      .fn<Client['readQuality']>()
      .mockImplementationOnce(async (_, onProgress) => {
        late = onProgress;
        return qualityOf([point, point]);
      })
      .mockImplementation(finding([untimed], () => Promise.reject(cancelled)));
    const quality = new QualityBesideSpeed(sessionOver({ readQuality }));
    await quality.read();
    const first = quality.result.get();
    await quality.read();
    late({ step: 'reading', done: 1, total: 2, soFar: untimed });
    expect(quality.shown.get()).toBe(first);
    readQuality.mockImplementation(finding([qualityOf([point])], () => Promise.reject(cancelled)));
    await quality.read();
    expect(quality.shown.get()?.points).toEqual([point]);
  });
});

describe('published layers', () => {
  const probe = (fits: boolean): Probe =>
    ({ fits, reason: null, largestSlice: { experts: fits ? 128 : 16, expertHidden: 768 } }) as Probe;
  const timed = (id: string, median: number, slice: LayerTiming['slice'] = null): LayerTiming =>
    layerOf(id, median, slice);

  it('offer the slice that fits, and time it, not the whole', async () => {
    const publishedLayer = vi.fn().mockResolvedValue(timed('qwen3-30b-a3b', 1));
    const tried = vi.fn().mockResolvedValue(probe(false));
    const layers = new PublishedLayers(sessionOver({ probe: tried, publishedLayer }));
    await layers.tryOut();
    expect(tried).toHaveBeenCalledWith({ id: 'qwen3-30b-a3b', precision: 'q4_0' });
    await layers.time();
    expect(publishedLayer.mock.calls[0][0]).toEqual({
      ...{ id: 'qwen3-30b-a3b', precision: 'q4_0' },
      slice: { experts: 16, expertHidden: 768 },
    });
    tried.mockResolvedValue(probe(true));
    await layers.tryOut();
    await layers.time();
    expect(publishedLayer.mock.calls[1][0]).not.toHaveProperty('slice');
  });

  it('keep every timing of the visit, the latest of each, whatever fails later', async () => {
    const publishedLayer = vi
      .fn()
      .mockResolvedValueOnce(timed('a', 1))
      .mockResolvedValueOnce(timed('b', 2))
      .mockResolvedValueOnce(timed('a', 3))
      .mockResolvedValueOnce(timed('a', 4, { experts: 8, expertHidden: 64 }))
      .mockRejectedValueOnce(fault('This layer was too much for the GPU, which was lost.', 'Take a smaller slice.'));
    const layers = new PublishedLayers(sessionOver({ publishedLayer }));
    for (let i = 0; i < 5; i++) await layers.time();
    expect(layers.timings.get().map((each) => each.decode.rows[0].time.median)).toEqual([4, 3, 2]);
    expect(keptRuns().map(({ subject }) => subject)).toEqual([
      'a, a slice: 8 experts of 64 units, q4_0',
      'a, the whole layer, q4_0',
      'b, the whole layer, q4_0',
      'a, the whole layer, q4_0',
    ]);
    expect(layers.timing.get()).toEqual({
      state: 'failed',
      message: 'This layer was too much for the GPU, which was lost. Take a smaller slice.',
    });
  });

  it('forget what was tried when another is chosen, but not while one is measured', async () => {
    const layers = new PublishedLayers(sessionOver({ probe: async () => probe(false) }));
    await layers.tryOut();
    layers.choose('deepseek-v3', 'f16');
    expect([layers.id.get(), layers.precision.get(), layers.slice.get()]).toEqual(['deepseek-v3', 'f16', null]);
    expect(layers.probe.get()).toEqual({ state: 'none' });
    const busy = sessionOver({});
    const waiting = new PublishedLayers(busy);
    void busy.measuring.measure(new Measured(), 'waiting', () => new Promise(() => {}));
    waiting.choose('kimi-k2', 'f16');
    expect(waiting.id.get()).toBe('qwen3-30b-a3b');
  });
});
