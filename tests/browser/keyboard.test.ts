/** A whole visit with the keyboard alone: nothing is clicked, and the focus goes where Tab takes it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

interface Focused {
  readonly id: string;
  readonly role: string;
  readonly name: string;
  /** Tags of the elements around it, the nearest first. */
  readonly within: readonly string[];
}

/** Runs in the page: what has the focus, through all shadow roots. */
function focused(): Focused {
  const within: string[] = [];
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) {
    within.unshift(at.localName);
    at = at.shadowRoot.activeElement;
  }
  const element = at as HTMLElement | null;
  return {
    id: element?.dataset.testid ?? '',
    role: element?.getAttribute('role') ?? element?.localName ?? '',
    name: (element?.ariaLabel ?? element?.textContent ?? '').trim(),
    within,
  };
}

/** More than there are stops on the page. */
const STOPS = 150;

describe('the keyboard alone', () => {
  let visitor: Visitor;
  const now = () => visitor.page.evaluate(focused);
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => visitor.page.keyboard.press(key)), Promise.resolve());

  /** Tab, until the focus is on what is wanted. */
  async function tabTo(wanted: (at: Focused) => boolean, key = 'Tab'): Promise<Focused> {
    for (let stop = 0; stop < STOPS; stop++) {
      const at = await now();
      if (wanted(at)) return at;
      await press(key);
    }
    throw new Error(`Tab never came to ${wanted}`);
  }
  const to = (id: string) => tabTo((at) => at.id === id);

  beforeAll(async () => {
    visitor = await Visitor.open({
      cpu: true,
      query: '#prompt=The+fox&seed=5&tokens=24&pace=full&write=1',
      reducedMotion: 'reduce',
    });
    await visitor.id('toggle').filter({ hasText: 'Write' }).waitFor({ timeout: 90_000 });
  });
  afterAll(() => visitor.leave());

  it('writes a prompt of one’s own', async () => {
    await to('prompt');
    await press('Control+a');
    await visitor.page.keyboard.type('The sea');
    await tabTo(({ id }) => id === 'toggle', 'Shift+Tab');
    await press('Enter');
    await expect.poll(async () => (await visitor.tokens()).join('').startsWith('The sea')).toBe(true);
    await visitor.untilWritten(10);
    await visitor.untilAtRest();
  });

  it('goes through the text, and pins a token', async () => {
    await tabTo(({ id, within }) => id === '' && within[0] === 'moe-text', 'Shift+Tab');
    await press('Home', 'ArrowRight', 'ArrowRight', 'Enter');
    expect((await now()).name).toMatch(/layer 5: expert \d+ \d+ %, expert \d+ \d+ %/);
    await expect.poll(() => visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe('2');
  });

  it('goes over the wall, pins an expert, switches it off and on', async () => {
    await to('wall-key');
    await press('Home', 'ArrowDown', 'ArrowRight', 'Enter');
    expect((await now()).name).toMatch(/^Layer 1, expert 1: got [\d.]+ % from the router|^Layer 1, expert 1: took /);
    expect(await visitor.text('wall-told')).toContain('Expert 1 in layer 1');
    await press('Delete');
    await expect.poll(() => visitor.text('interventions')).toContain('Expert 1 in layer 1 is off');
    await press('Delete');
    await visitor.id('interventions').waitFor({ state: 'detached' });
  });

  it('goes from view to view by arrows, and into every one of them', async () => {
    await tabTo(({ role }) => role === 'tab');
    await press('Home');
    const views = new Set<string>();
    for (let tab = await now(); !views.has(tab.name); tab = await now()) {
      views.add(tab.name);
      const panel = visitor.id('panel');
      await expect
        .poll(() => panel.getAttribute('aria-labelledby'))
        .toBe(`tab-${await panel.getAttribute('data-view')}`);
      await panel.locator('h2, h3, button').first().waitFor({ state: 'attached' });
      // What can be pressed in a view is a stop: from the tab it is the next one, or the view holds nothing to press.
      const held = await panel.locator('button:not(:disabled):not([tabindex="-1"]), select, input, summary').count();
      if (held) {
        await press('Tab');
        expect((await now()).within, tab.name).toContain('view-panels');
        await tabTo(({ role }) => role === 'tab', 'Shift+Tab');
      }
      await press('ArrowRight');
    }
    expect(views.size).toBe(await visitor.page.getByRole('tab').count());
  });

  it('intervenes and takes it back', async () => {
    const tabs = visitor.page.getByRole('tab');
    while ((await now()).name !== 'Interventions') await press('ArrowRight');
    expect(await tabs.count()).toBeGreaterThan(5);
    await to('intervention-kind');
    await visitor.page.keyboard.type('Change');
    await to('intervention-k');
    await press('Control+a');
    await visitor.page.keyboard.type('1');
    await to('add-intervention');
    await press('Enter');
    await expect.poll(() => visitor.text('interventions')).toContain('1 expert works on each token in every layer.');
    await tabTo(({ name }) => name.startsWith('Remove: 1 expert'), 'Shift+Tab');
    await press('Enter');
    await visitor.id('interventions').waitFor({ state: 'detached' });
  });

  it('opens the sheet, which keeps the focus and gives it back', async () => {
    await tabTo(({ id }) => id === 'share', 'Shift+Tab');
    await press('Enter');
    await visitor.id('sheet').waitFor();
    for (let stop = 0; stop < 12; stop++) {
      await press('Tab');
      // Past its end the focus is the browser’s own, then the sheet’s again; never on the page behind it.
      expect(['share-sheet', undefined]).toContain((await now()).within[0]);
    }
    await press('Escape');
    await expect.poll(async () => (await now()).id).toBe('share');
  });

  it('changes pace and theme, and threw nothing', async () => {
    await to('theme');
    const before = await visitor.text('theme');
    await press('Enter');
    await expect.poll(() => visitor.text('theme')).not.toBe(before);
    await tabTo(({ role, name }) => role === 'radio' && name === 'full speed');
    await press('ArrowLeft');
    expect((await now()).name).toBe('reading pace');
    expect(visitor.errors).toEqual([]);
  });
});
