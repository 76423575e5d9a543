/** From the first screen to the proof: one press. */
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('is one press away, and begins by itself', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#tokens=4&pace=full' });
  await visitor.untilBadge('live (CPU)');
  await visitor.untilWritten(2);
  await visitor.id('prove-first').click();
  const proof = visitor.page.locator('knockout-proof');
  await proof.locator('progress').waitFor();
  expect(await visitor.id('proof-domain').inputValue()).toBe('french');
  const seen = () => proof.evaluate((element) => element.getBoundingClientRect().top);
  await expect.poll(seen).toBeLessThan(500);
  expect(await seen()).toBeGreaterThan(-50);
  await proof.getByRole('button', { name: 'Cancel' }).click();
  await visitor.id('prove').waitFor();
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
