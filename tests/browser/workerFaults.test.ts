/** The worker dies: what the page says then, and that its text goes on in another. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** Keeps the workers that the page makes where a test can reach them. */
const keepWorkers = (page: Page) =>
  page.addInitScript(() => {
    const made: Worker[] = [];
    Object.assign(window, { made });
    const Original = window.Worker;
    window.Worker = class extends Original {
      constructor(...asked: ConstructorParameters<typeof Worker>) {
        super(...asked);
        made.push(this);
      }
    };
  });

/** As a browser does that is short of memory: nothing is told. */
const terminate = (page: Page) =>
  page.evaluate(() => (window as unknown as { made: Worker[] }).made.at(-1)!.terminate());
/** As a script does that throws outside of any command. */
const crash = (page: Page) =>
  page.evaluate(() => {
    (window as unknown as { made: Worker[] }).made
      .at(-1)!
      .dispatchEvent(new ErrorEvent('error', { message: 'Out of memory' }));
  });
const garble = (page: Page) =>
  page.evaluate(() => {
    (window as unknown as { made: Worker[] }).made.at(-1)!.dispatchEvent(new MessageEvent('messageerror'));
  });

const FORM = '#tokens=48&seed=9&pace=reading&write=1&prompt=The%20old%20house';

describe('a worker that dies', () => {
  let visitor: Visitor;
  let silent = true;
  let unheard: Promise<Visitor>;
  beforeAll(() => {
    // A page listens for twenty seconds: the other tests run meanwhile.
    unheard = Visitor.open({
      cpu: true,
      before: (page) =>
        page.route('**/worker-*.js', (route) =>
          silent ? route.fulfill({ contentType: 'text/javascript', body: 'onmessage = () => {};' }) : route.continue(),
        ),
    });
    unheard.catch(() => {}); // Until its test awaits it.
  });
  afterEach(() => visitor.leave());

  it.each([
    ['is terminated in silence', terminate],
    ['throws', crash],
    // Told as the one before, by an event of another name.
    ...(process.env.MOESCOPE_FULL === '1' ? [['sends what cannot be read', garble] as const] : []),
  ] as const)('and %s in the middle of a text is replaced, and the text goes on as it would have', async (_, die) => {
    visitor = await Visitor.open({ cpu: true, query: FORM, before: keepWorkers });
    await visitor.untilWritten(6);
    await die(visitor.page);
    await visitor.id('notice').filter({ hasText: 'The engine has stopped.' }).waitFor();
    expect(await visitor.badge()).toBe('stopped');
    const before = await visitor.tokens();
    expect(before.length).toBeGreaterThan(6);
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await visitor.untilBadge('live (CPU)');
    await visitor.fullSpeed();
    await visitor.untilAtRest();
    const after = await visitor.tokens();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(await visitor.written()).toBeGreaterThanOrEqual(47);
    expect(await visitor.id('notice').count()).toBe(0);
    // What a worker writes that never died is what was written by two.
    await visitor.begin();
    await visitor.untilAtRest();
    expect(await visitor.tokens()).toEqual(after);
    expect(visitor.errors).toEqual([]);
  });

  it('while the text is held goes on when that is asked for', async () => {
    visitor = await Visitor.open({ cpu: true, query: FORM, before: keepWorkers });
    await visitor.pauseAfter(6);
    await terminate(visitor.page);
    await visitor.id('notice').filter({ hasText: 'The engine has stopped.' }).waitFor();
    const before = await visitor.tokens();
    // It can be taken away, without the engine that wrote it.
    await visitor.id('share').click();
    const [trace] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('save-trace').click()]);
    const { tokens } = parseTrace(readFileSync(await trace.path(), 'utf8'));
    expect(tokens.map(({ text }) => text)).toEqual(before);
    await visitor.page.keyboard.press('Escape');
    await visitor.press('Go on');
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(before.length + 3);
    expect((await visitor.tokens()).slice(0, before.length)).toEqual(before);
    expect(visitor.errors).toEqual([]);
  });

  it('before it has said a word is told, and can be replaced', async () => {
    let broken = true;
    visitor = await Visitor.open({
      cpu: true,
      before: (page) => page.route('**/worker-*.js', (route) => (broken ? route.abort() : route.continue())),
    });
    await visitor.id('notice').filter({ hasText: 'could not be started' }).waitFor();
    expect(await visitor.badge()).toBe('recorded');
    broken = false;
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => visitor.badge(), { timeout: 60_000 }).toMatch(/^live/);
  });

  it('is told to be silent when it is, and gives way to another', async () => {
    visitor = await unheard;
    await visitor.id('notice').filter({ hasText: 'has not answered' }).waitFor();
    silent = false;
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => visitor.badge(), { timeout: 60_000 }).toMatch(/^live/);
  });
});
