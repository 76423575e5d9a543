/** From the first screen to the proof: one press. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

it('says what was measured when the model was made, until it is measured here', async () => {
  const visitor = await Visitor.open({ cpu: true, query: '#tokens=4&pace=full' });
  await visitor.untilBadge('live (CPU)');
  const card = JSON.parse(readFileSync('public/models/moe.card.json', 'utf8'));
  await visitor.show('proof');
  for (const kind of ['french', 'code']) {
    await visitor.id('proof-domain').selectOption(kind);
    // The model's card is fetched behind the model.
    await expect.poll(() => visitor.id('proof-made').locator('tbody tr').count()).toBe(8);
    const cost = Number(card.knockOut.change[kind][kind]).toFixed(2);
    expect(await visitor.id('proof-made').locator('.aimed').getAttribute('data-domain')).toBe(kind);
    expect(await visitor.id('proof-made').locator('.aimed .change').textContent()).toBe(`+${cost}`);
  }
  const note = await visitor.page.locator('knockout-proof .note').first().textContent();
  expect(note).toContain('when the model was made');
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});

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
