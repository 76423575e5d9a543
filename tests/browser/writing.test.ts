import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mainThreadTasks } from './mainThread.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('writing on the software adapter', () => {
  let visitor: Visitor;
  const sum = 'Question: Tom has 4 apples and buys 3 more.';

  beforeAll(async () => {
    visitor = await Visitor.open();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.untilWritten(2);
  });
  afterAll(() => visitor.leave());

  it('tints every written token with its top expert of the chosen layer', async () => {
    const tokens = visitor.page.locator('moe-text .t:not(.prompt)');
    await visitor.stop();
    const top = () => tokens.evaluateAll((spans) => spans.map((span) => (span as HTMLElement).dataset.e));
    const last = await top();
    expect(last.every((expert) => Number(expert) >= 0 && Number(expert) < 16)).toBe(true);
    await visitor.page.getByRole('radio', { name: 'Layer 0', exact: true }).click();
    await expect.poll(top).not.toEqual(last);
    await visitor.page.getByRole('radio', { name: 'Layer 5', exact: true }).click();
    await expect.poll(top).toEqual(last);
  });

  it('pauses at once and goes on where it stopped', async () => {
    const whole = await visitor.write(sum, { length: '24', seed: '5' });
    await visitor.begin();
    await visitor.untilWritten(5);
    await visitor.pause();
    const paused = await visitor.written();
    await visitor.page.waitForTimeout(700);
    expect(await visitor.written()).toBe(paused);
    expect(await visitor.badge()).toMatch(/^live/);
    await visitor.press('Go on');
    await visitor.untilAtRest();
    expect((await visitor.tokens()).join('')).toBe(whole);
  });

  it('pauses a text whose prompt is still read, once that stands there', async () => {
    const [before, long] = [await visitor.tokens(), 'He went down to the sea and looked for his boat. '.repeat(22)];
    await visitor.id('prompt').fill(long);
    await visitor.press('Write');
    await visitor.press('Pause');
    await visitor.id('toggle').filter({ hasText: 'Go on' }).waitFor();
    await expect.poll(() => visitor.tokens()).not.toEqual(before);
    await visitor.page.waitForTimeout(700);
    expect([await visitor.written(), (await visitor.id('toggle').textContent())?.trim()]).toEqual([0, 'Go on']);
    await visitor.press('Go on');
    await visitor.untilWritten(2);
    await visitor.stop();
    expect((await visitor.tokens()).join('').startsWith(long)).toBe(true);
  });

  it('is busy while a token is known that is not drawn', async () => {
    await visitor.set('length', '6');
    await visitor.page.evaluate(() => {
      const page = document.querySelector('moe-page') as HTMLElement & { session: { trace: { count: number } } };
      const text = page.shadowRoot!.querySelector('moe-text')!.shadowRoot!;
      const next = window.requestAnimationFrame;
      const waiting: FrameRequestCallback[] = [];
      const seen: [known: boolean, busy: boolean][] = [];
      window.requestAnimationFrame = (paint) => waiting.push(paint);
      // Every frame by hand: what one of them brings is drawn in a later one.
      const timer = setInterval(async () => {
        for (const paint of waiting.splice(0)) paint(performance.now());
        await Promise.resolve();
        await new Promise((done) => setTimeout(done));
        const known = page.session.trace.count > text.querySelectorAll('.t').length;
        seen.push([known, text.querySelector('.text')!.ariaBusy === 'true']);
      }, 60);
      const end = () => {
        clearInterval(timer);
        window.requestAnimationFrame = next;
        for (const paint of waiting) next(paint);
        return seen;
      };
      Object.assign(window, { end });
    });
    await visitor.begin();
    await visitor.untilAtRest();
    const seen = await visitor.page.evaluate(() => (window as unknown as { end(): [boolean, boolean][] }).end());
    expect(seen.some(([known]) => known)).toBe(true);
    expect(seen.filter(([known, busy]) => known && !busy)).toEqual([]);
    expect(seen.some(([known, busy]) => !known && !busy)).toBe(true);
  });

  it('writes one token at a time', async () => {
    const whole = await visitor.write(sum, { length: '8', seed: '5' });
    await visitor.id('reset').click();
    await expect.poll(() => visitor.written()).toBe(0);
    await visitor.id('one').click();
    const prompt = visitor.page.locator('moe-text .t.prompt');
    await prompt.first().waitFor({ state: 'attached' });
    expect(await visitor.written()).toBe(0);
    for (const count of [1, 2, 3]) {
      await visitor.id('one').click();
      await expect.poll(() => visitor.written()).toBe(count);
    }
    expect(whole.startsWith((await visitor.tokens()).join(''))).toBe(true);
  });

  it('repeats the text for the same seed, at every pace, and not for another', async () => {
    const first = await visitor.write(sum, { length: '20', seed: '7', temperature: '1' });
    const again = await visitor.write(sum, { length: '20', seed: '7' });
    await visitor.fullSpeed();
    const fast = await visitor.write(sum, { length: '20', seed: '7' });
    const other = await visitor.write(sum, { length: '20', seed: '8' });
    expect(again).toBe(first);
    expect(fast).toBe(first);
    expect(other).not.toBe(first);
    expect(await visitor.text('speed')).toMatch(/tokens\/s$/);
  });

  it('continues the visitor’s own prompt, kept to the letter', async () => {
    const own = 'Der Wind, the wind,\nund le vent — 42!';
    const text = await visitor.write(own, { length: '6' });
    expect(text.startsWith(own)).toBe(true);
  });

  it('shows characters that are split over several tokens whole, each part with its experts', async () => {
    const prompt = 'naïve 日本 🦊 says';
    await visitor.write(prompt, { length: '3' });
    const shown = await visitor.page.locator('moe-text .t.prompt').evaluateAll((spans) =>
      spans.map((span) => ({
        text: span.textContent,
        part: span.getAttribute('data-part'),
        expert: (span as HTMLElement).dataset.e,
      })),
    );
    expect(shown.map(({ text }) => text).join('')).toBe(prompt);
    // The token that completes a character shows it; those before it say which part of it they are.
    const parts = shown.filter(({ text }) => text === '');
    expect(parts.length).toBeGreaterThan(4);
    for (const { part } of parts) expect(part).toMatch(/^[1-3]$/);
    for (const { expert } of shown) expect(expert).toMatch(/^\d+$/);
  });

  it('shows the gate weights and the candidates of the token under the focus', async () => {
    const token = visitor.page.locator('moe-text .t:not(.prompt)').nth(1);
    await token.hover();
    const label = await visitor.id('router-bars').getAttribute('aria-label');
    const gates = [...label!.matchAll(/gate weight (\d\.\d+)/g)].map((match) => Number(match[1]));
    expect(gates).toHaveLength(2);
    expect(gates[0] + gates[1]).toBeCloseTo(1, 1);
    expect(await visitor.id('next').locator('tr.drawn').count()).toBe(1);
  });

  it('is reachable by keyboard: token by token, cell by cell', async () => {
    const { page } = visitor;
    await page.locator('moe-text .t[tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    const focused = page.locator('moe-text .t:focus');
    expect(await focused.getAttribute('aria-label')).toMatch(/layer 5: expert \d+ \d+\u00a0%, expert \d+ \d+\u00a0%/);
    await visitor.id('wall-key').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await visitor.text('wall-told')).toMatch(
      /^Expert 1 in layer 1 took [\d.]+ % of the assignments so far; chance is 6\.3 %/,
    );
  });

  it('switches an expert off for good: it is never chosen again', async () => {
    const { page } = visitor;
    await page.getByRole('radio', { name: 'Layer 5', exact: true }).click();
    await visitor.write(sum, { length: '30', seed: '3' });
    const top = () =>
      page.locator('moe-text .t').evaluateAll((spans) => spans.map((span) => Number((span as HTMLElement).dataset.e)));
    const counts = new Map<number, number>();
    for (const expert of await top()) counts.set(expert, (counts.get(expert) ?? 0) + 1);
    const busiest = [...counts].sort((a, b) => b[1] - a[1])[0][0];
    await visitor.id('wall-key').focus();
    for (let layer = 0; layer < 5; layer++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    for (let expert = 0; expert < busiest; expert++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Delete');
    expect(await visitor.text('interventions')).toContain(`Expert ${busiest} in layer 5 is off`);
    await visitor.write(sum, { length: '30', seed: '3' });
    expect(await top()).not.toContain(busiest);
    await page.getByRole('button', { name: `Remove: Expert ${busiest} in layer 5` }).click();
    await visitor.id('interventions').waitFor({ state: 'detached' });
  });

  it('leaves the main thread free while it writes, and threw nothing', async () => {
    await visitor.page.evaluate(() => {
      const frames: number[] = [];
      const tick = (now: number) => {
        frames.push(now);
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      const said: string[] = [];
      const page = document.querySelector('moe-page')!.shadowRoot!;
      const region = page.querySelector('live-region')!.shadowRoot!.querySelector('[aria-live=polite]')!;
      new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
        characterData: true,
        childList: true,
        subtree: true,
      });
      Object.assign(globalThis, { frames, said });
    });
    const start = performance.now();
    let took = Number.NaN;
    const tasks = await mainThreadTasks(visitor.page, async () => {
      await visitor.write(sum, { length: '60', seed: '4' });
      took = performance.now() - start;
    });
    // As much work, however little of the processor it gets: some 250 ms of it.
    const busy = () => {
      let root = 2;
      for (let i = 0; i < 5e7; i++) root = Math.sqrt(root + i);
      return root;
    };
    // The yardstick sees a task that is long.
    expect(Math.max(...(await mainThreadTasks(visitor.page, () => visitor.page.evaluate(busy))))).toBeGreaterThan(50);
    const long = tasks.filter((task) => task > 50);
    const [all, sum50] = [tasks, long].map((list) => list.reduce((sum, task) => sum + task, 0));
    console.log(
      `${long.length} of ${tasks.length} tasks took over 50 ms of the processor in ${Math.round(took)} ms of writing: ${Math.round(sum50)} of ${Math.round(all)} ms`,
    );
    expect(tasks.length).toBeGreaterThan(100);
    const { frames, said } = await visitor.page.evaluate(() => {
      const { frames, said } = globalThis as unknown as { frames: number[]; said: string[] };
      return { frames, said };
    });
    const gaps = frames.slice(1).map((at, i) => at - frames[i]);
    gaps.sort((a, b) => a - b);
    const quantile = (share: number) => gaps[Math.floor(share * (gaps.length - 1))].toFixed(1);
    console.log(
      `frames while writing: median ${quantile(0.5)} ms, 95 % within ${quantile(0.95)} ms, n = ${gaps.length}`,
    );
    // The live region speaks at the end, and on the way no more often than every six seconds.
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThanOrEqual(2 + took / 6000);
    expect(said.at(-1)).toMatch(/ tokens so far; in layer 5 expert \d+ took most, \d+\u00a0%\.$/);
    expect(sum50).toBeLessThan(0.1 * took);
    expect(visitor.errors).toEqual([]);
  });
});
