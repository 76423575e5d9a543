/** Layers of published models, end to end: what fits is said first, a slice is called one, what was measured stays. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factsOf } from '../../src/compare/parameters.ts';
import { CHECKS } from '../../src/compare/publishedChecks.ts';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import { bytes, short, time } from '../../src/ui/kit/format.ts';
import type { MoePage } from '../../src/ui/page/moe-page.ts';
import { timeOf } from '../../src/ui/saves/words.ts';
import { complaints, small } from './access.ts';
import { pagePolicy } from './policies.ts';
import { serveTiny } from './tiny.ts';
import { plain, useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** What a shader may see at once, in the worker's eyes: so little that no published layer fits whole. */
const LIMIT = 2 ** 22;

/** The worker's script, with an adapter of small limits. */
async function narrowLimits(page: Page): Promise<void> {
  const narrow = ['maxBufferSize', 'maxStorageBufferBindingSize'].map(
    (name) => `Object.defineProperty(GPUSupportedLimits.prototype, '${name}', { get: () => ${LIMIT} });`,
  );
  const name = readdirSync('dist/assets').find((file) => /^worker-.*\.js$/.test(file));
  const body = [...narrow, readFileSync(`dist/assets/${name}`, 'utf8')].join('\n');
  const headers = { 'content-type': 'text/javascript', 'content-security-policy': pagePolicy() };
  await page.route('**/assets/worker-*.js', (route) => route.fulfill({ body, headers }));
}

describe('layers of published models', () => {
  let visitor: Visitor;
  const find = (id: string) => PUBLISHED.find((model) => model.id === id)!;
  const state = () =>
    visitor.page.evaluate(() => {
      const { published } = (document.querySelector('moe-page') as MoePage).session;
      return { timings: published.timings.get(), slice: published.slice.get() };
    });
  const choose = (id: string) => visitor.id('published-model').selectOption(id);

  beforeAll(async () => {
    visitor = await Visitor.open({
      reducedMotion: 'reduce',
      before: async (page) => {
        await serveTiny(page);
        await narrowLimits(page);
      },
    });
    await visitor.page.locator('moe-article').waitFor();
    await visitor.show('models');
  });
  afterAll(() => visitor.leave());

  it('says of each model what it has and would take, before there is even a device', async () => {
    for (const id of ['deepseek-v3', 'granite-3.1-1b-a400m']) {
      const model = find(id);
      const facts = factsOf(model);
      await choose(id);
      const said = await visitor.text('published-facts');
      expect(said).toContain(`${model.experts}, ${model.expertsPerToken} for each token`);
      expect(said).toContain(plain(short(facts.flopsPerToken)));
      const links = await visitor
        .id('published-facts')
        .locator('a')
        .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
      const { checks } = CHECKS[id];
      expect(links).toEqual([
        ...(model.source.report ? [model.source.report.url] : []),
        model.source.card,
        ...checks.map(({ url }) => url),
      ]);
      expect(await visitor.text('published-checks')).toContain('Not the report itself');
      const memory = await visitor.text('published-memory');
      for (const size of Object.values(facts.bytes)) expect(memory).toContain(plain(bytes(size)));
    }
    expect(await visitor.id('published-model').locator('option').count()).toBe(PUBLISHED.length);
  });

  it('says what does not fit and why, offers the largest slice, and calls it one', async () => {
    await visitor.page.getByRole('button', { name: 'Write live' }).click();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.stop();
    await visitor.id('probe').click();
    const said = visitor.id('probe-said');
    await said.waitFor();
    const words = await visitor.text('probe-said');
    expect(words).toContain('The whole layer does not fit here. One of its buffers takes');
    expect(words).toContain('a shader here may see 4 MiB at once');
    const { slice } = await state();
    expect(words).toContain(`a slice: ${slice!.experts} of its 32 experts`);
    const parts = await visitor.id('part').locator('option').allTextContents();
    expect(parts.every((part) => part.startsWith('a slice: '))).toBe(true);
  });

  it('prints of the slice what the engine measured, and computes no whole model from it', async () => {
    await visitor.id('part').selectOption({ index: (await visitor.id('part').locator('option').count()) - 1 });
    await visitor.id('time-layer').click();
    await visitor.id('layer-timing').waitFor({ timeout: 110_000 });
    const [timing] = (await state()).timings;
    expect(await visitor.text('layer-timing')).toContain('Granite 3.1 1B-A400M, a slice:');
    for (const [name, step] of [
      ['layer-timing', timing.decode],
      ['layer-prefill', timing.prefill!],
    ] as const) {
      const rows = await visitor.id(name).locator('tbody tr').all();
      expect(rows).toHaveLength(step.rows.length);
      for (const [i, row] of rows.entries()) {
        const words = plain((await row.textContent()) ?? '');
        expect(words).toContain(plain(`${timeOf(step.rows[i].time)}, n = `));
        expect(words).toContain(plain(bytes(step.rows[i].bytesRead)));
        expect(words).toContain(plain(short(step.rows[i].flops)));
      }
    }
    expect(timing.decode.rows.map(({ kind }) => kind)).toEqual(['moe', 'same-active', 'same-total', 'all-on']);
    expect(timing.wholeModel).toBeNull();
    const unsteady = [timing.decode, timing.prefill!].some(({ rows }) => rows.some((row) => row.time.unsteady));
    expect(await visitor.id('layer-unsteady').count()).toBe(unsteady ? 1 : 0);
    expect(await visitor.id('whole-model').count()).toBe(0);
    expect(await visitor.text('layer-method')).toContain('these times mean nothing about a GPU');
    const card = visitor.page.locator('published-layers').getByTestId('card');
    expect(await card.textContent()).toContain(time(timing.decode.rows[0].time.median));
    const { experts, expertHidden } = timing.slice!;
    expect(await card.locator('.link').textContent()).toContain(
      `repeat=granite-3.1-1b-a400m:q4_0:${experts}x${expertHidden}`,
    );
    expect(await visitor.page.locator('published-layers').getByTestId('history').locator('tbody tr').count()).toBe(1);
    expect(await complaints(visitor.page)).toEqual([]);
  });

  it('keeps what was measured when another model is looked at, when one is cancelled, and comes back to it', async () => {
    await choose('deepseek-v3');
    await visitor.id('published-timed').getByText('Granite 3.1 1B-A400M, a slice').waitFor();
    await choose('granite-3.1-1b-a400m');
    await visitor.id('probe').click();
    await visitor.id('time-layer').click();
    await visitor.page.locator('layer-trial').getByRole('button', { name: 'Cancel' }).click();
    await visitor.id('time-layer').waitFor({ timeout: 60_000 });
    expect((await state()).timings).toHaveLength(1);
  });

  it('repeats with one press what a link offers: it tries, and times what fits', async () => {
    const { experts, expertHidden } = (await state()).timings[0].slice!;
    const part = `${experts}x${expertHidden}`;
    await visitor.page.evaluate((words) => (location.hash = `#repeat=granite-3.1-1b-a400m:q4_0:${words}`), part);
    await visitor
      .id('layer-offer')
      .filter({ hasText: `a slice: ${experts} of its 32 experts` })
      .waitFor();
    await visitor.id('repeat-layer').click();
    await visitor.page.locator('layer-trial').getByText('timing the layer').waitFor();
    expect((await state()).slice).toEqual({ experts, expertHidden });
    await visitor.page.locator('layer-trial').getByRole('button', { name: 'Cancel' }).click();
    await visitor.id('time-layer').waitFor();
    await visitor.untilBadge('live (WebGPU, ');
    expect(visitor.errors).toEqual([]);
  });

  it('has everything as large as a finger on a phone, and what links offer in reach of the thumb', async () => {
    const phone = await Visitor.open({
      ...{
        query: '#view=saves&repeat=8',
        before: serveTiny,
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      },
    });
    await phone.id('saves-offer').waitFor();
    await expect.poll(() => phone.inReach('saves-measure')).toBe(true);
    await phone.page.evaluate(() => (location.hash = '#repeat=granite-3.1-1b-a400m:q4_0'));
    await phone.id('layer-offer').filter({ hasText: 'Granite 3.1 1B-A400M, the whole layer' }).waitFor();
    await expect.poll(() => phone.inReach('repeat-layer')).toBe(true);
    expect(await small(phone.page)).toEqual([]);
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await phone.leave();
  });
});
