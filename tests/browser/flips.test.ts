/** "Does rounding change what a router chooses?": measured on the page, without WebGPU, too. */
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('counts the choices that change, and stops when it is told to', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#tokens=4&pace=full' });
  await visitor.untilBadge('live (CPU)');
  await visitor.show('Router flips');
  const button = visitor.id('flips');
  await button.click();
  const cancel = visitor.page.locator('router-flips').getByRole('button', { name: 'Cancel' });
  await cancel.click();
  await cancel.waitFor({ state: 'detached' });
  expect(await visitor.id('flips-table').count()).toBe(0);

  await button.click();
  const rows = visitor.id('flips-table').locator('tbody tr');
  await rows.first().waitFor({ timeout: 300_000 });
  const found = (await rows.allInnerTexts()).map(
    (words) => words.match(/^(.*?)\s+(\S+\u00a0%|–)\s+(\d+) of ([\d,]+),/)!,
  );
  // Without WebGPU the reference itself is what runs.
  expect(found.map(([, name]) => name)).toEqual([
    'activations in f32',
    'keys and values in f16',
    'experts in q8_0',
    'experts in 4 bits once more',
  ]);
  const flips = found.map((row) => Number(row[3]));
  expect(found.map((row) => row[4])).toEqual(Array(4).fill('3,072'));
  expect(flips[0]).toBeLessThanOrEqual(flips[3]);
  expect(flips[3]).toBeGreaterThan(30);
  expect(flips[3]).toBeLessThan(600);
  // Choices that were close are those that change.
  const said = await visitor.id('flips-said').innerText();
  const [, ofFlips, ofChoices] = said.match(
    /choices came out otherwise: (\d+)\u00a0% of those were among the (\d+)\u00a0% with/,
  )!;
  expect(Number(ofFlips)).toBeGreaterThan(2 * Number(ofChoices));
  await visitor.page.locator('router-flips dot-chart').waitFor();
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
