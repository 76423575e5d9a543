/** <moe-scope> in the columns of an article: everything inside follows the column, not the window. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VARIANTS } from '../../src/state/page/variant.ts';
import { PANEL_VIEWS } from '../../src/state/views/view.ts';
import { faultsOfLayout } from './faults-of-layout.ts';
import { type Folder, type Server, serveFolder, servePages } from './hosts.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const WIDTHS = [320, 480, 600, 661, 700, 720, 900];
/** Costs are told of a live model alone. */
const LIVE = ['full', 'compare'];

let folder: Folder;
let blog: Server;
let visitor: Visitor;

beforeAll(async () => {
  folder = await serveFolder();
  const elements = VARIANTS.map((variant) => {
    const device = LIVE.includes(variant) ? 'cpu' : 'recorded';
    return `<moe-scope id="${variant}" variant="${variant}" device="${device}"></moe-scope>`;
  });
  blog = await servePages({
    '/': {
      body: `<!doctype html><title>A blog</title><script type="module" src="${folder.url}moe-scope.js"></script>
        <article>${elements.join('')}</article>`,
    },
  });
  visitor = await Visitor.open({
    at: blog.url,
    cpu: true,
    viewport: { width: 1440, height: 6000 },
    // The recording stands there whole, at rest.
    reducedMotion: 'reduce',
  });
  await visitor.page.waitForFunction(
    (live) =>
      [...document.querySelectorAll('moe-scope')].every(
        (element) =>
          element.id === 'race' ||
          (live.includes(element.id) ? element.adapterInfo : element.matches(':state(recorded)')),
      ),
    LIVE,
  );
  await visitor.page.locator('#race [data-testid=train-toggle]').waitFor();
  await visitor.page.locator('#full moe-text .t').nth(20).waitFor({ state: 'attached' });
});
afterAll(async () => {
  await visitor?.leave();
  await Promise.all([folder.close(), blog.close()]);
});

/** Until what depends on the width has been drawn. */
async function column(width: number): Promise<void> {
  await visitor.page.evaluate(async (pixels) => {
    document.querySelector('article')!.style.width = `${pixels}px`;
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  }, width);
}

describe.each(WIDTHS)('in a column of %i px', (width) => {
  beforeAll(() => column(width));

  it.each(VARIANTS)('%s has nothing over something else, cut off or collapsed', async (variant) => {
    if (process.env.MOESCOPE_SHOTS)
      await visitor.page
        .locator(`#${variant}`)
        .screenshot({ path: `${process.env.MOESCOPE_SHOTS}/${variant}-${width}.png` });
    expect(await faultsOfLayout(visitor.page, `#${variant}`)).toEqual([]);
  });

  it('nor has any view of the whole', async () => {
    const faults: string[] = [];
    for (const view of PANEL_VIEWS.filter((each) => each !== 'wall')) {
      await visitor.page.evaluate(async (name) => {
        document.querySelector('#full')!.setAttribute('view', name);
      }, view);
      await visitor.page.locator(`#full [data-testid=panel][data-view=${view}]`).waitFor();
      await visitor.page.evaluate(
        () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
      );
      if (process.env.MOESCOPE_SHOTS)
        await visitor.page
          .locator(`#full`)
          .screenshot({ path: `${process.env.MOESCOPE_SHOTS}/view-${view}-${width}.png` });
      for (const fault of await faultsOfLayout(visitor.page, '#full')) faults.push(`${view}: ${fault}`);
    }
    await visitor.page.evaluate(() => document.querySelector('#full')!.removeAttribute('view'));
    expect(faults).toEqual([]);
  });
});

it.each([700, 720])('shows every tab in a column of %i px', async (width) => {
  await column(width);
  const room = await visitor.page
    .locator('#full [role=tablist]')
    .evaluate((tabs) => [tabs.scrollWidth, tabs.clientWidth]);
  expect(room[0]).toBe(room[1]);
});

it('fades the tabs out where more of them can be scrolled to', async () => {
  const tabs = visitor.page.locator('#full [role=tablist]');
  const fade = async (left: number) =>
    tabs.evaluate(async (row, to) => {
      row.scrollLeft = to;
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      return getComputedStyle(row).maskSize;
    }, left);
  await column(480);
  expect(await fade(0)).toMatch(/^(100%|calc\(100% \+ 0px\))/);
  expect(await fade(10_000)).toMatch(/^calc\(100% \+ 48px\)/);
});
