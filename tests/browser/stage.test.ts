/** A talk with the keys alone, on a device that is lost in the middle; a booth whose visitor goes away. */
import { afterEach, describe, expect, it } from 'vitest';
import { complaints } from './access.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

let visitor: Visitor;
afterEach(() => visitor.leave());

const hash = () => visitor.page.evaluate(() => location.hash);
const scene = () => visitor.id('scene').getAttribute('data-scene');

describe('a talk', () => {
  it('goes by keys alone, with notes, and gives back what was there before', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#prompt=The+fox&seed=5&tokens=40&pace=full&layer=2&hide=tabs' });
    const { page } = visitor;
    const { keyboard } = page;
    await visitor.untilWritten(20);
    await visitor.untilAtRest();
    const before = await hash();
    expect(await page.locator('transport-bar').count()).toBe(1);
    await visitor.id('present').focus();
    await keyboard.press('Enter');
    await expect.poll(scene).toBe('1');
    await expect.poll(hash).toContain('scenes=3-minutes&scene=1');
    await expect.poll(() => page.locator('transport-bar').isVisible()).toBe(false);
    for (const [key, to] of [
      ['PageDown', '2'],
      ['ArrowRight', '3'],
      ['End', '7'],
      ['ArrowRight', '7'],
      ['PageUp', '6'],
      ['2', '2'],
      ['9', '2'],
      ['Home', '1'],
      [' ', '2'],
      ['Enter', '3'],
      ['Backspace', '2'],
      ['Home', '1'],
    ]) {
      await keyboard.press(key);
      expect(await scene(), key).toBe(to);
    }
    await expect.poll(() => visitor.text('scene-said')).toBe('Scene 1 of 7: A machine of 96 parts.');
    expect(await page.evaluate(() => document.fullscreenElement !== null)).toBe(true);

    // A clicker's two keys for a black screen; the controls come by a key alone.
    for (const key of ['b', '.']) {
      await keyboard.press(key);
      await visitor.id('black').waitFor();
      await keyboard.press(key);
      await visitor.id('black').waitFor({ state: 'detached' });
    }
    expect(await visitor.id('freeze').count()).toBe(0);
    await keyboard.press('c');

    // Frozen, nothing is written; let go, the text goes on.
    await visitor.untilWritten(3);
    await keyboard.press('f');
    await expect.poll(() => visitor.id('freeze').getAttribute('aria-pressed')).toBe('true');
    // What was drawn with the last token may still have to be painted.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    const frozen = await visitor.written();
    const time = await visitor.text('timer');
    expect(time).toMatch(/^0:\d\d of 3:00$/);
    await expect.poll(() => visitor.text('timer')).not.toBe(time);
    expect(await visitor.written()).toBe(frozen);
    await keyboard.press('f');
    await visitor.untilWritten(frozen + 2);
    expect(await complaints(page)).toEqual([]);

    const [notes] = await Promise.all([page.waitForEvent('popup'), keyboard.press('n')]);
    await expect
      .poll(() => notes.getByTestId('notes-window').innerText())
      .toMatch(/Scene 1 of 7, [\s\S]*Next: 12 of them work/);
    await notes.keyboard.press('PageDown');
    await expect.poll(scene).toBe('2');
    await expect.poll(() => notes.getByTestId('notes-window').innerText()).toContain('Scene 2 of 7');

    await page.bringToFront();
    await keyboard.press('Escape');
    await visitor.id('scene').waitFor({ state: 'detached' });
    await expect.poll(() => notes.isClosed()).toBe(true);
    await expect.poll(hash).toBe(before);
    expect(visitor.errors).toEqual([]);
  });

  it('keeps text and scene when the GPU is lost while the talk is frozen, says what is wrong with a list, and shows notes without a window', async () => {
    visitor = await Visitor.open({
      query: '?drill=sleep#scenes=12-minutes&scene=3',
      before: (page) => page.addInitScript(() => Object.assign(window, { open: () => null })),
    });
    const { page } = visitor;
    await expect.poll(scene).toBe('3');
    await visitor.id('stage-source').filter({ hasText: 'live' }).waitFor();
    await visitor.untilWritten(12);
    const before = (await visitor.tokens()).slice(0, 10);
    await Promise.all([
      page.waitForEvent('console', (message) => message.text() === 'The GPU is taken away.'),
      page.keyboard.press('f'),
    ]);
    const held = await visitor.tokens();
    expect(await scene()).toBe('3');
    await page.keyboard.press('f');
    const lost = visitor.id('stage-notice').filter({ hasText: /GPU|device/i });
    await lost.waitFor({ timeout: 60_000 });
    const count = await visitor.written();
    await visitor.untilWritten(count + 3);
    expect(await scene()).toBe('3');
    expect(await hash()).toContain('scenes=12-minutes&scene=3');
    expect((await visitor.tokens()).slice(0, 10)).toEqual(before);
    expect((await visitor.tokens()).slice(0, held.length)).toEqual(held);

    await page.keyboard.press('n');
    expect(await visitor.text('notes-here')).toMatch(/^Scene 3 of 11/);
    const paste = (text: string) =>
      page.evaluate((data) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', data);
        dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      }, text);
    await paste('{"moescope-scenes": 1, "title": "Mine", "scenes": [{"title": "A", "spotlight": "moon"}]}');
    await expect.poll(() => visitor.text('stage-notice')).toContain('Scene 1: spotlight must be one of');
    expect(await scene()).toBe('3');
    await paste(
      '{"moescope-scenes": 1, "title": "Mine", "scenes": [{"title": "Only {experts}", "link": "view=router", "spotlight": "text"}]}',
    );
    await expect.poll(() => visitor.text('scene-said')).toBe('Scene 1 of 1: Only 16');
    // A list from before there were pictures shows the page; the light stands around the text, and goes out.
    await visitor.untilBadge('live');
    await expect
      .poll(() => page.locator('talk-stage .light').evaluate((node) => node.getBoundingClientRect().width))
      .toBeGreaterThan(100);
    await page.keyboard.press('c');
    await page.keyboard.press('s');
    await expect.poll(() => visitor.id('spotlight').getAttribute('aria-pressed')).toBe('false');
    expect(visitor.errors).toEqual([]);
  });

  it('finds the window of the notes again after a reload, and its buttons work on the page that comes', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#scenes=3-minutes&scene=2' });
    const { page } = visitor;
    await expect.poll(scene).toBe('2');
    const [notes] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('n')]);
    await page.reload();
    await expect.poll(scene).toBe('2');
    await notes.getByTestId('scene-next').click();
    await expect.poll(scene).toBe('3');
    await expect.poll(() => notes.getByTestId('notes-window').innerText()).toContain('Scene 3 of 7');
    // The window may be gone before its click is answered.
    await notes
      .getByTestId('scene-leave')
      .click()
      .catch(() => {});
    await expect.poll(() => notes.isClosed()).toBe(true);
    expect(visitor.errors).toEqual([]);
  });
});

describe('a booth', () => {
  it('invites, is the visitor’s, lets nobody out, and begins again a minute after the last touch', async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#kiosk=midi&scenes=models/index.json',
      before: async (page) => {
        await page.clock.install();
        await page.addInitScript(() => {
          const inputs = new Map([['knobs', { onmidimessage: null }]]);
          Object.assign(window, { knobs: inputs.get('knobs') });
          Object.assign(navigator, { requestMIDIAccess: async () => ({ inputs, onstatechange: null }) });
        });
      },
    });
    const { page } = visitor;
    // The list is none: that is said, and the shipped one shown.
    await visitor.id('attract').waitFor();
    expect(await visitor.text('booth-fault')).toBe(
      'A list of scenes must begin with "moescope-scenes": 1. The scenes that come with the page are shown.',
    );
    const sentence = () => page.locator('stage-picture h1').textContent();
    const first = await sentence();
    await page.clock.fastForward(26_000);
    await expect.poll(sentence).not.toBe(first);
    await visitor.id('stage-source').filter({ hasText: 'live' }).waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.mouse.click(700, 300);
    await visitor.id('attract').waitFor({ state: 'detached' });
    await visitor.id('prompt').fill('Something private');
    expect((await visitor.id('tour-start').count()) + (await visitor.id('present').count())).toBe(0);

    // A link out, one that would open a tab, the menu: nothing.
    const prevented = await page.evaluate(() => {
      const press = (type: string, href: string, init: MouseEventInit = {}) => {
        const anchor = document.body.appendChild(Object.assign(document.createElement('a'), { href }));
        const click = new MouseEvent(type, { bubbles: true, cancelable: true, ...init });
        // Whatever the page does with it comes later.
        let stopped = true;
        anchor.addEventListener('click', () => (stopped = click.defaultPrevented));
        anchor.dispatchEvent(click);
        anchor.remove();
        return stopped && click.defaultPrevented;
      };
      const menu = new MouseEvent('contextmenu', { bubbles: true, cancelable: true });
      document.body.dispatchEvent(menu);
      return [
        press('click', 'https://example.org/'),
        press('click', '#seed=2', { ctrlKey: true }),
        press('click', '#seed=2', { shiftKey: true }),
        press('auxclick', '#seed=2', { button: 1 }),
        menu.defaultPrevented,
      ];
    });
    expect(prevented).toEqual([true, true, true, true, true]);

    // A link within the page is followed, and the booth stays one; so it does when the visitor goes back.
    await page.evaluate(() => {
      const anchor = document.body.appendChild(Object.assign(document.createElement('a'), { href: '#seed=7&step=2' }));
      anchor.click();
      anchor.remove();
    });
    await expect.poll(() => visitor.id('seed').inputValue()).toBe('7');
    await expect.poll(hash).toMatch(/seed=7.*kiosk=midi/);
    expect((await visitor.id('tour-start').count()) + (await visitor.id('tour').count())).toBe(0);
    for (let times = 0; times < 2; times++) {
      await page.goBack();
      await expect.poll(hash).toMatch(/seed=7.*kiosk=midi/);
    }
    expect(await visitor.id('prompt').count()).toBe(1);
    expect(await visitor.id('seed').inputValue()).toBe('7');

    // Touching and pointing keep it the visitor's.
    await page.keyboard.press('Shift');
    await page.clock.fastForward(40_000);
    await page.mouse.move(600, 500);
    await page.clock.fastForward(40_000);
    expect(await visitor.id('attract').count()).toBe(0);
    await page.clock.fastForward(25_000);
    await visitor.id('attract').waitFor();
    expect(await sentence()).toBe(first);
    expect(await hash()).not.toContain('private');

    // The turn that wakes the booth holds, and its knobs are let go with it.
    await page.evaluate(() => {
      const { knobs } = window as unknown as { knobs: { onmidimessage(event: { data: number[] }): void } };
      knobs.onmidimessage({ data: [0xb0, 2, 127] });
    });
    await visitor.id('attract').waitFor({ state: 'detached' });
    await expect.poll(() => visitor.text('interventions')).toContain('16 experts work on each token');
    await visitor.untilWritten(2);
    expect(await visitor.text('interventions')).toContain('16 experts work on each token');
    expect(visitor.errors).toEqual([]);
    await page.evaluate(() => document.querySelector('moe-page')!.remove());
    expect(
      await page.evaluate(() => (window as unknown as { knobs: { onmidimessage: unknown } }).knobs.onmidimessage),
    ).toBeNull();
  });

  it('has room for text, wall and prompt, upright and lying, under a finger', async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#kiosk=1',
      hasTouch: true,
      viewport: { width: 1080, height: 1920 },
    });
    const { page } = visitor;
    await visitor.id('attract').waitFor();
    await visitor.id('stage-source').filter({ hasText: 'live' }).waitFor();
    await page.touchscreen.tap(500, 900);
    await visitor.id('attract').waitFor({ state: 'detached' });
    await visitor.untilWritten(3);
    for (const size of [
      { width: 1080, height: 1920 },
      { width: 1920, height: 1080 },
    ]) {
      await page.setViewportSize(size);
      for (const part of ['text', 'wall', 'cost', 'prompt']) {
        const { y, height } = (await visitor.id(part).boundingBox())!;
        expect(height, `${part} at ${size.width}`).toBeGreaterThan(part === 'text' || part === 'wall' ? 200 : 40);
        expect(y + height, `${part} at ${size.width}`).toBeLessThanOrEqual(size.height);
      }
    }
    expect(visitor.errors).toEqual([]);
  });
});
