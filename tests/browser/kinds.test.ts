/** "Who does what": the table is the card's, layer by layer, and the sentence follows from it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('shows what each kind of text asked of each expert, as the card counted it', async () => {
  const { routing } = JSON.parse(readFileSync('public/models/moe.card.json', 'utf8'));
  const visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
  const table = visitor.id('kinds');
  await visitor.page.locator('moe-article').waitFor();
  await visitor.show('kinds');
  expect(await visitor.text('kinds-said')).toMatch(/children’s stories, English novels and verse share 8\d/);
  const cells = () =>
    table
      .locator('tbody tr:not(.live)')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
      );
  for (const layer of [5, 2]) {
    await visitor.page.getByRole('group', { name: 'Layer' }).getByText(String(layer), { exact: true }).click();
    const shares = routing.load.map((layers: number[][]) =>
      layers[layer].map((share) => Number((100 * share).toFixed(0))),
    );
    await expect.poll(cells).toEqual(shares);
  }
  // The text on the page is a row of its own, of the same sum.
  const live = await table.locator('tr.live td').allTextContents();
  const sum = live.reduce((all, each) => all + Number(each), 0);
  expect(Math.abs(sum - 100)).toBeLessThan(8);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
