/** The page at four widths, light and dark, as pictures to be looked at: they are artefacts, nothing is compared. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const FOLDER = process.env.MOESCOPE_SHOTS ?? '.cache/gallery';

describe('the gallery', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  it.each([
    [360, 780],
    [768, 1024],
    [1440, 900],
    [2560, 1440],
  ])('at %i × %i', async (width, height) => {
    const phone = width < 800;
    mkdirSync(FOLDER, { recursive: true });
    // The recording, whole and at rest.
    visitor = await Visitor.open({
      viewport: { width, height },
      hasTouch: phone,
      isMobile: phone,
      reducedMotion: 'reduce',
      before: (page) => page.route('**/*.gguf', () => {}),
    });
    await visitor.page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
    for (const theme of ['light', 'dark']) {
      await visitor.page.evaluate((name) => (location.hash = `theme=${name}`), theme);
      await visitor.page.waitForFunction((name) => document.documentElement.dataset.theme === name, theme);
      const path = join(FOLDER, `${width}-${theme}.png`);
      await visitor.page.screenshot({ path });
      expect(existsSync(path)).toBe(true);
    }
  });
});
