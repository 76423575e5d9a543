/** Every picture of a talk as a hall sees it: how small its smallest word is, and whether anything is cut, at three sizes. */
import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { PICTURES } from '../../src/state/stage/scenes.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

let visitor: Visitor;
afterEach(() => visitor.leave());

interface Seen {
  /** Pixels of the smallest type, in words and in canvases, and which words these are. */
  readonly smallest: number;
  readonly words: string;
  readonly faults: readonly string[];
  /** What a hall reads. */
  readonly said: string;
  readonly running: string;
}

/** Reads the words of the scene with the boxes they have on the screen. */
function look(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const picture = document
      .querySelector('moe-page')!
      .shadowRoot!.querySelector('moe-stage')!
      .shadowRoot!.querySelector('talk-stage')!
      .shadowRoot!.querySelector('stage-picture')!;
    let [smallest, words] = [Number.POSITIVE_INFINITY, ''];
    const faults: string[] = [];
    const said: string[] = [];
    let running = '';
    const parentOf = (node: Element) => node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null);
    const take = (size: number, text: string) => {
      if (size < smallest) [smallest, words] = [size, text];
    };

    const read = (text: Text, owner: Element): void => {
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        if (box.width < 1) continue;
        let { left, top, right, bottom } = box;
        for (let at: Element | null = owner; at; at = parentOf(at)) {
          if (getComputedStyle(at).overflow === 'visible' && at !== picture) continue;
          const edge = at.getBoundingClientRect();
          left = Math.max(left, edge.left);
          top = Math.max(top, edge.top);
          right = Math.min(right, edge.right);
          bottom = Math.min(bottom, edge.bottom);
        }
        // A line that has run out of sight is gone, not cut.
        if (right - left < 1 || bottom - top < 1) continue;
        const what = text.textContent!.trim().slice(0, 40);
        take(Number.parseFloat(getComputedStyle(owner).fontSize), what);
        if (right - left < box.width - 1 || bottom - top < box.height - 1) faults.push(`“${what}” is cut`);
      }
    };
    const walk = (node: Element): void => {
      if (!node.checkVisibility({ visibilityProperty: true })) return;
      if (node.localName === 'running-text') running = node.shadowRoot!.querySelector('.window')!.textContent!;
      for (const child of (node.shadowRoot ?? node).childNodes) {
        if (child instanceof Element) walk(child);
        else if (child instanceof Text && child.textContent!.trim()) {
          // Tokens are the model's words, dashes among them.
          if (!node.closest('[translate=no]')) said.push(child.textContent!.trim());
          read(child, node);
        }
      }
    };
    walk(picture);
    // What the wall wrote, by the height of its type on the screen.
    for (const size of (window as unknown as { drawn: number[] }).drawn) take(size, 'in the wall');
    return { smallest, words, faults: [...new Set(faults)], said: said.join(' '), running };
  });
}

it('is read from the last row, and nothing of it is cut, whatever the projector', async () => {
  visitor = await Visitor.open({
    cpu: true,
    query: '#prompt=A&pace=full',
    before: (page) =>
      page.addInitScript(() => {
        const drawn: number[] = [];
        const { fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (...args) {
          const host = (this.canvas.getRootNode() as ShadowRoot).host;
          const scale = this.getTransform().a / devicePixelRatio;
          if (host?.localName === 'stage-wall') drawn.push(Number(/([\d.]+)px/.exec(this.font)![1]) * scale);
          fillText.apply(this, args);
        };
        Object.assign(window, { drawn });
      }),
  });
  const { page } = visitor;
  await visitor.untilBadge('live (CPU)');
  const scenes = PICTURES.map((picture) => ({ title: `{parts} parts: ${picture}`, picture }));
  await page.evaluate(
    (data) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', data);
      dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    },
    JSON.stringify({ 'moescope-scenes': 1, title: 'All', scenes }),
  );
  for (const [at, picture] of PICTURES.entries()) {
    await page.keyboard.press(String(at + 1));
    await expect.poll(() => visitor.id('scene').getAttribute('data-scene')).toBe(String(at + 1));
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.locator('stage-picture h1').waitFor();
    if (picture === 'proof') await page.locator('proof-picture').getByText('+1.').waitFor();
    if (picture === 'kinds') await page.locator('kinds-picture').getByText('By chance').waitFor();
    const before = await look(page);
    for (const [width, height] of [
      [1024, 768],
      [3840, 2160],
      [1920, 1080],
    ]) {
      await page.setViewportSize({ width, height });
      const { smallest, words, faults, said } = await look(page);
      expect(faults, `${picture} at ${width} × ${height}`).toEqual([]);
      expect(said).toContain(`parts: ${picture}`);
      // A dash stands for a figure that is missing.
      expect(said).not.toMatch(/(^|\s)[–—-](\s|$)/);
      // The same share of every screen; 28 px of a projector's.
      expect(smallest, `${words} in ${picture} at ${width} × ${height}`).toBeGreaterThanOrEqual(
        (28 * width) / 1920 - 0.5,
      );
    }
    await expect.poll(async () => (await look(page)).running, { message: picture }).not.toBe(before.running);
    await page.setViewportSize({ width: 320, height: 180 });
    const small = await page.locator('stage-picture h1').boundingBox();
    expect(small!.y + small!.height).toBeLessThan(120);
    expect((await look(page)).said).toContain(`parts: ${picture}`);
  }
  expect(visitor.errors).toEqual([]);
});
