/** Quality beside speed, end to end on tiny models: what the page prints is what the engines found. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDomains } from '../../src/compare/heldout.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { planRouting } from '../../src/engine/interventions.ts';
import { loadModel } from '../../src/model/load.ts';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { complaints, headings, small } from './access.ts';
import { FILES, HELDOUT, serveTiny } from './tiny.ts';
import { plain, useBrowser, Visitor } from './visitor.ts';

useBrowser();

const OWN = 'hello world, hello';

/** Bits per byte of each domain, by the CPU engine. */
async function expected(id: string, k: number | null): Promise<number[]> {
  const engine = createCpuEngine(loadModel(FILES[id]));
  if (k !== null) engine.setRouting(planRouting(engine.model.config, [{ kind: 'k', layer: null, k }]));
  const readings = await readDomains(engine, HELDOUT, () => {}, new AbortController().signal);
  engine.destroy();
  return readings.map(({ nats, bytes }) => nats / Math.LN2 / bytes);
}

describe('quality beside speed', () => {
  let visitor: Visitor;
  const rows = async (name: string) => {
    const cells = await visitor
      .id(name)
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.children].map((cell) => cell.textContent!.replace(/\s+/g, ' ').trim())),
      );
    return cells;
  };
  const result = () =>
    visitor.page.evaluate(() => (document.querySelector('moe-page') as MoePage).session.quality.result.get()!);
  const read = () => visitor.id('read-quality').click();

  beforeAll(async () => {
    visitor = await Visitor.open({ reducedMotion: 'reduce', before: serveTiny });
    await visitor.page.getByRole('button', { name: 'Write live' }).click();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.stop();
    await visitor.show('quality');
  });
  afterAll(() => visitor.leave());

  it('says what is fetched, and what cannot be compared, before anything is', async () => {
    const section = visitor.page.locator('quality-section');
    const bytes = Object.values(FILES).reduce((sum, { length }) => sum + length, 0);
    await section.getByText(`Fetches ${(bytes / 1e6).toFixed(1)} MB unless the browser still has them`).waitFor();
    expect(await visitor.text('behind')).toContain('“dense, same total” has seen 1 thousand of 8 thousand tokens');
    await section.getByRole('checkbox', { name: /same total/ }).uncheck();
    expect(plain((await section.getByText(/Fetches/).textContent())!)).not.toContain(`${(bytes / 1e6).toFixed(1)} MB`);
    await section.getByRole('checkbox', { name: /same total/ }).check();
  });

  it('prints what the engines found, for every model, k and kind of text, and for the visitor’s own', async () => {
    await visitor.id('own-text').fill(OWN);
    await read();
    await visitor.id('read-quality').filter({ hasText: 'again' }).waitFor({ timeout: 110_000 });
    const quality = await result();
    const names = ['MoE, k = 1', 'MoE, k = 2', 'MoE, k = 3', 'MoE, k = 4', 'dense, same active', 'dense, same total'];
    const points = await rows('quality-points');
    expect(points.map(([name]) => name.split(', not')[0])).toEqual(names);
    expect(points[5][0]).toBe('dense, same total, not comparable yet');
    for (const [i, { heldout, time, flops }] of quality.points.entries()) {
      expect(points[i][1]).toBe(heldout.bitsPerByte.toFixed(3));
      expect(points[i][2]).toBe(heldout.nats.toFixed(3));
      expect(points[i][3]).toMatch(/^[\d.]+ (µs|ms|s) ± [\d.]+ %$/);
      const [value, unit] = points[i][3].split(' ');
      expect(Number(value) * (unit === 'µs' ? 1e-3 : 1)).toBeCloseTo(time!.median, 1);
      expect(Number.parseFloat(points[i][5])).toBeCloseTo(flops / 1e3, 0);
    }
    const texts = await rows('quality-texts');
    expect(texts.map(([name]) => name)).toEqual(['All held-out text', 'Your own text', 'Stories', 'Code']);
    expect(texts[1].slice(1, 7)).toEqual(quality.points.map(({ pasted }) => pasted!.bitsPerByte.toFixed(3)));
    const models = [1, 2, 3, 4].map((k) => ['moe', k] as const);
    for (const [i, [id, k]] of [...models, ['dense-active', null] as const].entries()) {
      const [story, code] = await expected(id, k);
      expect(Number(texts[2][i + 1])).toBeCloseTo(story, 2);
      expect(Number(texts[3][i + 1])).toBeCloseTo(code, 2);
    }
    const found = await visitor.text('found');
    expect(found).toContain('With k = 2 the MoE needs');
    expect(found).toContain('Not comparable yet: “dense, same total”');
    expect(await visitor.text('quality-method')).toContain('these times mean nothing about a GPU');
    const card = visitor.page.locator('quality-section').getByTestId('card');
    for (const { heldout } of quality.points)
      expect(await card.textContent()).toContain(heldout.bitsPerByte.toFixed(3));
    expect(await card.locator('.link').textContent()).toContain('repeat=quality');
    expect(await visitor.page.locator('quality-section').getByTestId('history').locator('tbody tr').count()).toBe(1);
  });

  it('draws what is comparable, the point as it was trained by its name, and the rest where it is asked for', async () => {
    for (const across of ['time', 'flops']) {
      const chart = visitor.id(`loss-${across}`);
      await expect.poll(() => chart.locator('.point').count()).toBe(5);
      expect(await chart.locator('.beside').allTextContents()).toContain('k = 2, trained');
      expect(await chart.getByText('not comparable yet').count()).toBe(0);
    }
    await visitor.page.getByLabel('Draw what cannot be compared yet').check();
    await visitor.id('loss-time').getByText('not comparable yet').first().waitFor();
  });

  it('draws each loss against time and against FLOPs, for the text that is wanted', async () => {
    const quality = await result();
    for (const across of ['time', 'flops']) {
      const chart = visitor.id(`loss-${across}`);
      await expect.poll(() => chart.locator('.point').count()).toBe(6);
      await chart.locator('summary').click();
      const twin = await chart.locator('tbody tr').allTextContents();
      for (const [i, { heldout }] of quality.points.entries())
        expect(twin[i]).toContain(heldout.bitsPerByte.toFixed(3));
    }
    await visitor.id('which-text').selectOption('pasted');
    await visitor.page.getByText(`n = ${quality.points[0].pasted!.tokens} tokens`).waitFor();
    const points = await rows('quality-points');
    expect(points.map((cells) => cells[1])).toEqual(quality.points.map(({ pasted }) => pasted!.bitsPerByte.toFixed(3)));
  });

  it('is clean to axe, has its headings in order, and on a phone nothing too small or too wide', async () => {
    expect(await complaints(visitor.page)).toEqual([]);
    const levels = await headings(visitor.page);
    expect(levels.filter((level, i) => level > (levels[i - 1] ?? 1) + 1)).toEqual([]);
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await visitor.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('shows what is read as it is read, can be cancelled, and keeps what was measured', async () => {
    const before = await result();
    // A point may last less than a look: any before the last shows that it is shown as it is read.
    const begun = visitor.page.waitForFunction((all) => {
      const { shown, measure } = (document.querySelector('moe-page') as MoePage).session.quality;
      const { length } = shown.get()!.points;
      return measure.get().state === 'running' && length > 0 && length < all;
    }, before.points.length);
    await read();
    await begun;
    const first = (await rows('quality-texts')).map(([name, loss]) => [name, loss]);
    expect(first.slice(-2)).toEqual(
      before.points[0].domains.map(({ title, bitsPerByte }) => [title, bitsPerByte.toFixed(3)]),
    );
    await visitor.page.locator('quality-section').getByRole('button', { name: 'Cancel' }).click();
    await visitor.id('read-quality').filter({ hasText: 'again' }).waitFor();
    expect(await result()).toEqual(before);
    expect(await rows('quality-points')).toHaveLength(6);
  });

  it('says in one sentence what went wrong, and keeps what was measured', async () => {
    await visitor.id('own-text').fill('!');
    await read();
    await visitor.page
      .getByText('The pasted text is too short to predict anything in it.')
      .waitFor({ timeout: 60_000 });
    expect(await rows('quality-points')).toHaveLength(6);
    await visitor.id('own-text').fill('');
    expect(visitor.errors).toEqual([]);
  });
});

describe('on a phone', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.open({
      ...{ query: '#repeat=quality', before: serveTiny, cpu: true },
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    });
  });
  afterAll(() => visitor.leave());

  it('has what a link offers in reach of the thumb, and everything as large as a finger', async () => {
    await visitor.page.getByText('This link repeats a measurement of quality').waitFor();
    await expect.poll(() => visitor.inReach('read-quality')).toBe(true);
    expect(await small(visitor.page)).toEqual([]);
  });

  it('repeats with one press what the link says', async () => {
    await visitor.untilBadge('live (CPU');
    await visitor.id('read-quality').click();
    await visitor.id('read-quality').filter({ hasText: 'again' }).waitFor();
    expect(await visitor.id('quality-points').locator('tbody tr').count()).toBe(6);
    expect(await visitor.page.evaluate(() => location.hash)).not.toContain('repeat');
    expect(visitor.errors).toEqual([]);
  });
});
