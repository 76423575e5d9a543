/** Results of others: fetched once, when they come into sight; a card that is dropped stands among them; nothing is sent. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readResults } from '../../scripts/results.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const CARD = 'results/swiftshader-device-subzero-sweep-2026-11-29.json';

describe('results of others', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  /** Addresses that the page asked for. */
  async function open() {
    const asked: string[] = [];
    visitor = await Visitor.open({
      cpu: true,
      reducedMotion: 'reduce',
      before: async (page) => {
        page.on('request', (request) => asked.push(request.url()));
      },
    });
    return { rows: visitor.id('results').locator('tbody tr'), asked };
  }

  const paste = (card: string) =>
    visitor.page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], 'card.json'));
      dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, card);

  it('are those of the repository, fetched once and from here, when they are looked at', async () => {
    const { rows, asked } = await open();
    await visitor.page.locator('moe-article').waitFor({ state: 'attached' });
    const fetched = () => asked.filter((url) => url.endsWith('/results.json'));
    expect(fetched()).toEqual([]);
    await visitor.show('results');
    const results = readResults('results');
    await expect.poll(() => rows.count()).toBe(results.length);
    expect(await rows.first().locator('th').textContent()).toContain('SwiftShader Device (Subzero) (software)');
    expect(await visitor.id('no-gpu').count()).toBe(results.every(({ software }) => software) ? 1 : 0);
    expect(fetched()).toHaveLength(1);
    const here = new URL(visitor.page.url()).origin;
    expect(asked.filter((url) => /^https?:/.test(url) && new URL(url).origin !== here)).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('take a card that is dropped among them, and refuse a wrong one in a sentence', async () => {
    const { rows } = await open();
    await visitor.page.locator('moe-text .t').nth(5).waitFor({ state: 'attached' });
    const card = readFileSync(CARD, 'utf8');
    await paste(
      card
        .replace('SwiftShader Device (Subzero)', 'a GPU of a friend')
        .replace('"fallback": true', '"fallback": false'),
    );
    await rows.filter({ hasText: 'a GPU of a friend' }).getByText('brought along as a file').waitFor();
    const inSight = () =>
      rows.first().evaluate((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
    await expect.poll(inSight).toBe(true);
    await paste(card.replace('"fallback": true', '"fallback": false'));
    await visitor.id('notice').filter({ hasText: 'info.fallback is to be true' }).waitFor();
    expect(await rows.filter({ hasText: 'brought along' }).count()).toBe(1);
    expect(visitor.errors).toEqual([]);
  });
});
