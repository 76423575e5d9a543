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
const STOPS = 250;

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
    throw new Error(`Tab never came to ${wanted}, it is at ${JSON.stringify(await now())}`);
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
    expect((await now()).name).toMatch(/layer 5: expert \d+ \d+\u00a0%, expert \d+ \d+\u00a0%/);
    await expect.poll(() => visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe('2');
  });

  it('goes over the wall, pins an expert, switches it off and on', async () => {
    await to('wall-key');
    await press('Home', 'ArrowDown', 'ArrowRight', 'Enter');
    expect((await now()).name).toMatch(
      /^Layer 1, expert 1: got [\d.]+\u00a0% from the router|^Layer 1, expert 1: took /,
    );
    expect(await visitor.text('wall-told')).toContain('Expert 1 in layer 1');
    await press('Delete');
    await expect.poll(() => visitor.text('interventions')).toContain('Expert 1 in layer 1 is off');
    await press('Delete');
    await visitor.id('interventions').waitFor({ state: 'detached' });
  });

  it('goes from section to section by the list, and into every one of them', async () => {
    const listed = visitor.page.locator('section-bar button');
    const names = (await listed.allTextContents()).map((name) => name.trim());
    expect(names.length).toBe(7);
    await tabTo(({ within }) => within[0] === 'section-bar');
    for (const name of names) {
      await tabTo((at) => at.name === name);
      await press('Enter');
      await expect.poll(() => listed.and(visitor.page.locator('[aria-current]')).allTextContents()).toEqual([name]);
      const view = (await listed.and(visitor.page.locator('[aria-current]')).getAttribute('data-view'))!;
      const section = visitor.page.locator(`moe-article section[data-section=${view}]`);
      await section.locator('moe-part').locator('button, h2, h3').first().waitFor({ state: 'attached' });
      // Its claim stands clear of the bar.
      await expect.poll(async () => (await section.locator('h2').first().boundingBox())!.y).toBeGreaterThan(60);
      expect((await section.locator('h2').first().boundingBox())!.y).toBeLessThan(450);
    }
  });

  it('intervenes and takes it back', async () => {
    await tabTo(({ within, name }) => within[0] === 'section-bar' && name === 'Switch them off', 'Shift+Tab');
    await press('Enter');
    await visitor.id('intervention-kind').waitFor({ state: 'attached' });
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
