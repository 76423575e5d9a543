/** The page's address is always a link to what stands there, and a link reproduces the picture. */
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('the address', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  // The token drawn last is not routed any more, so of N tokens N − 1 stand in the text.
  const hash = () => visitor.page.evaluate(() => location.hash);
  /** What the wall's cells say, by the table below it. */
  const loads = async () => {
    const { page } = visitor;
    await page.locator('wall-table summary').click();
    const rows = await visitor.id('wall-table').locator('tbody').innerText();
    await page.locator('wall-table summary').click();
    return rows;
  };

  it('is bare while all is default, and says what is not', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.page.waitForTimeout(500);
    expect(await hash()).toBe('');
    const entries = await visitor.page.evaluate(() => history.length);
    await visitor.page.getByRole('radio', { name: 'Layer 2', exact: true }).click();
    await visitor.set('seed', '77');
    await visitor.page.locator('section-bar button').last().click();
    await visitor.page.locator('moe-text .t').nth(4).click();
    await visitor.page.locator('wall-table summary').click();
    await expect.poll(hash).toMatch(/^#seed=77&view=\w+&layer=2&token=4&open=wall$/);
    expect(await visitor.page.evaluate(() => history.length)).toBe(entries);
  });

  it('shows the same text, loads, layer, view, token and theme to whoever follows it', async () => {
    const link = '#prompt=The+fox&seed=5&tokens=24&pace=full&off=5:5,0:1&layer=3&order=load&token=9&theme=dark';
    visitor = await Visitor.open({ cpu: true, query: link, permissions: ['clipboard-read', 'clipboard-write'] });
    // No recording comes first: before the model is here there is no text at all.
    await visitor.id('loading').waitFor();
    expect(await visitor.tokens()).toEqual([]);
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(23);
    await visitor.untilAtRest();
    const text = (await visitor.tokens()).join('');
    expect(text.startsWith('The fox')).toBe(true);
    const table = await loads();
    await expect.poll(() => visitor.id('wall-order').inputValue()).toBe('load');
    await expect.poll(() => visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe('9');
    expect(await visitor.page.getByRole('radio', { name: 'Layer 3', exact: true }).getAttribute('aria-checked')).toBe(
      'true',
    );
    expect(await visitor.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await visitor.id('share').click();
    await visitor.id('copy-link').click();
    await visitor.id('sheet-said').filter({ hasText: 'copied' }).waitFor();
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    await visitor.leave();

    visitor = await Visitor.open({ cpu: true, query: new URL(copied).hash });
    await visitor.untilWritten(23);
    await visitor.untilAtRest();
    expect((await visitor.tokens()).join('')).toBe(text);
    expect(await loads()).toBe(table);
    await expect.poll(() => visitor.id('wall-order').inputValue()).toBe('load');
    await expect.poll(() => visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe('9');
    expect(visitor.errors).toEqual([]);
  });

  it('shows a text that was held as it stood, and goes on only when that is asked for', async () => {
    const link = '#prompt=The+fox&seed=5&tokens=90';
    visitor = await Visitor.open({ cpu: true, query: link, permissions: ['clipboard-read', 'clipboard-write'] });
    await visitor.pauseAfter(33);
    const before = await visitor.tokens();
    const count = await visitor.text('speed');
    await expect.poll(hash).toMatch(/&until=\d+/);
    await visitor.id('share').click();
    await visitor.id('copy-link').click();
    await visitor.id('sheet-said').filter({ hasText: 'copied' }).waitFor();
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    await visitor.leave();

    visitor = await Visitor.open({ cpu: true, query: `${new URL(copied).hash}&pace=full` });
    await visitor.untilWritten(33);
    await visitor.id('toggle').filter({ hasText: 'Go on' }).waitFor();
    await visitor.page.waitForTimeout(1000);
    expect(await visitor.tokens()).toEqual(before);
    expect((await visitor.text('speed')).split(',').slice(0, 2)).toEqual(count.split(',').slice(0, 2));
    await expect.poll(hash).toContain(new URLSearchParams(new URL(copied).hash.slice(1)).get('until')!);
    await visitor.press('Go on');
    await visitor.untilAtRest();
    expect(await visitor.text('speed')).toContain(', 90 written');
    expect((await visitor.tokens()).slice(0, before.length)).toEqual(before);
    expect(visitor.errors).toEqual([]);
  });

  it('obeys a link that is followed while the page is open, and the way back', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#seed=3&tokens=8&pace=full' });
    await visitor.untilWritten(7);
    await visitor.untilAtRest();
    const first = (await visitor.tokens()).join('');
    await visitor.page.evaluate(() => {
      location.hash = 'seed=4&tokens=8&pace=full&off=5:5&layer=1&open=wall&token=3&hide=cost';
    });
    await expect.poll(async () => (await visitor.tokens()).join('') !== first && (await visitor.written())).toBe(7);
    await visitor.untilAtRest();
    expect(await visitor.id('cost').count()).toBe(0);
    expect(await visitor.id('wall-table').locator('tbody tr').count()).toBe(6);
    await expect.poll(() => visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe('3');
    expect(await visitor.page.getByRole('radio', { name: 'Layer 1', exact: true }).getAttribute('aria-checked')).toBe(
      'true',
    );
    await visitor.page.goBack();
    await expect.poll(async () => (await visitor.tokens()).join('')).toBe(first);
    expect(await visitor.id('cost').count()).toBe(1);
    expect(await visitor.id('wall-table').count()).toBe(0);
    await expect.poll(hash).toBe('#seed=3&tokens=8&pace=full');
  });

  it('says in one sentence what it could not take, and takes the rest', async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#layer=60&off=9:9&frozen=1&seed=6&temperature=999&tokens=6&pace=full&colour=red&model=gpt',
    });
    await visitor.untilWritten(5);
    await visitor.untilAtRest();
    const said = await visitor.text('notice');
    expect(said).toMatch(
      /^Not all of this link could be taken as it stands: temperature 999 \(100 is taken\), “colour” \(unknown\), /,
    );
    expect(said).toContain('model “gpt” (unknown, the default one is opened)');
    expect(said).toMatch(/and 1 more\.$/);
    await visitor.page.getByRole('button', { name: 'Understood' }).click();
    await expect.poll(hash).toBe('#temperature=100&seed=6&tokens=6&pace=full&frozen=1&layer=5');
    // The first text has none before it whose routing could be kept; the second has.
    const frozen = 'Positions of the previous run keep that run’s experts and weights.';
    expect(await visitor.text('interventions')).toContain(
      `${frozen} There is no previous run yet, so the router still chooses: write once more. Remove`,
    );
    await visitor.begin();
    await expect.poll(() => visitor.text('interventions')).toContain(`${frozen} Remove`);
    expect(visitor.errors).toEqual([]);
  });

  it('plays nothing by itself with reduced motion: the link’s text waits for the button', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#seed=5&tokens=6&write=1', reducedMotion: 'reduce' });
    await visitor.id('notice').filter({ hasText: 'The model is here' }).waitFor({ timeout: 60_000 });
    await visitor.page.waitForTimeout(500);
    expect(await visitor.tokens()).toEqual([]);
    await visitor.press('Write');
    await visitor.untilWritten(5);
  });
});
