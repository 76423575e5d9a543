/** "What has to be here before the first word?": the MoE and its dense twin over a line that the visitor makes slow. */
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const megabytes = (words: string) => Number.parseFloat(words);

it('fetches both at the rate that is chosen, and says what was here at the first token', async () => {
  const visitor = await Visitor.open({ query: '#tokens=8&pace=full&seed=4&write=1&held=4' });
  await visitor.untilBadge('live (WebGPU, ');
  await visitor.untilWritten(7);
  await visitor.untilAtRest();
  const text = await visitor.tokens();
  await visitor.show('Over a line');
  await visitor.id('line-rate').selectOption('0.5');
  await visitor.id('line').click();
  const rows = visitor.id('line-table').locator('tbody tr');
  await rows.first().waitFor();
  // Both would take a minute at this rate.
  await visitor.page.locator('over-line').getByRole('button', { name: 'Cancel' }).click();
  await visitor.id('line-table').waitFor({ state: 'detached' });

  await visitor.id('line-rate').selectOption('5');
  await visitor.id('line').click();
  const said = visitor.id('line-said');
  await said.waitFor();
  const [, first, here, all, after] = (await said.innerText()).match(
    /^As over a line of 5\u00a0MB\/s .* had its first token after (.*?), with (.*?) of (.*?) here; .* after (.*?), with 13\.1\u00a0MB of 13\.1\u00a0MB\.$/,
  )!;
  expect(megabytes(here)).toBeLessThan(0.8 * megabytes(all));
  expect([first, after].every((words) => /\u00a0m?s$/.test(words))).toBe(true);
  const [moe, dense] = await rows.allInnerTexts();
  expect(moe).toContain('room for 4 experts a layer');
  expect(dense).not.toContain('room for');
  const held = (row: string) => megabytes(row.match(/(\S+)\u00a0MB\s*$/)![1]);
  expect(held(moe)).toBeLessThan(held(dense));
  // The text on the page is where it was, and goes on.
  expect(await visitor.tokens()).toEqual(text);
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});

it('says why there is nothing to compare without WebGPU', async () => {
  const visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
  await visitor.show('Over a line');
  const words = visitor.page.locator('over-line').getByText('needs all of either file before its first token');
  await words.waitFor();
  expect(await visitor.id('line').count()).toBe(0);
  await visitor.leave();
});
