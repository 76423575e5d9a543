/** What the living elements say and do, each alone, with the state that it is given. */
import { describe, expect, it } from 'vitest';
import { short, time } from '../../src/ui/kit/format.ts';
import { plain } from '../browser/visitor.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const mount = (tag: string, kind: 'webgpu' | 'cpu' | null, tokens: number) =>
  stage().evaluate((args) => globalThis.stage.mount(...args), [tag, kind, tokens] as const);
const id = (name: string) => stage().getByTestId(name);
/** As one line. */
const text = async (selector: string) => plain((await stage().locator(selector).textContent()) ?? '').trim();

describe('the meter', () => {
  const figure = (kind: string) => stage().locator(`[data-figure="multiply-adds ${kind}"]`);

  it('says what the text took, beside a dense model of its size and of its work, token by token', async () => {
    await mount('cost-strip', 'cpu', 10);
    await expect.poll(() => figure('moe').textContent()).toBe(short(4000));
    expect(await figure('same-total').textContent()).toBe(short(10_000));
    expect(await figure('same-active').textContent()).toBe(short(4000));
    const widths = await stage()
      .locator('.cell i')
      .evaluateAll((bars) => bars.map((bar) => bar.style.width));
    expect(widths).toEqual(['40%', '100%', '40%']);
    await stage().evaluate(() => globalThis.stage.write(10));
    await expect.poll(() => figure('same-total').textContent()).toBe(short(20_000));
  });

  it('stands there without times until they are measured, and then says them of all layers', async () => {
    await mount('cost-strip', 'webgpu', 10);
    await expect.poll(() => id('compare').textContent()).toBe('Measure now');
    const moe = await stage().evaluate(() => {
      const { session, comparisonOf } = globalThis.stage;
      const { points, method } = session.comparing.keep(comparisonOf([1]));
      return points[0].rows[0].time.median * method.layers;
    });
    await expect.poll(() => stage().locator('tr.moe .timed').count()).toBe(1);
    expect(await text('tr.moe .timed .cell > span')).toContain(plain(time(moe)));
    expect(await text('[data-testid=verdict]')).toContain('(measured, one token at a time)');
  });

  it('asks for more tokens at once', async () => {
    await mount('cost-strip', 'cpu', 10);
    await id('more-tokens').click();
    expect(await stage().evaluate(() => globalThis.stage.session.view.get())).toBe('saves');
  });
});

describe('a chart', () => {
  const series = [
    { name: 'one', mark: 'dot', points: [1, 2, 4].map((x) => ({ x, y: x * 10 })) },
    { name: 'other', mark: 'ring', points: [1, 2, 4].map((x) => ({ x, y: x * 5 })) },
  ];
  const chart = () =>
    stage().evaluate((series) => {
      globalThis.stage.mount('dot-chart', null, 0);
      Object.assign(document.querySelector('dot-chart')!, { series, xLabel: 'tokens', yLabel: 'time', fromZero: true });
    }, series);

  it('is walked by keyboard, along a series and across, and says where it is', async () => {
    await chart();
    await stage().locator('dot-chart [data-index="0"]').focus();
    await stage().keyboard.press('ArrowRight');
    await expect.poll(() => text('dot-chart .said')).toMatch(/one.*20/);
    await stage().keyboard.press('ArrowDown');
    await expect.poll(() => text('dot-chart .said')).toMatch(/other.*10/);
    // Beyond the last one is the last one.
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await stage().keyboard.press(key);
    await expect.poll(() => text('dot-chart .said')).toMatch(/other.*20/);
  });

  it('says the same in a table', async () => {
    await chart();
    const cells = stage().locator('dot-chart .twin td');
    await expect.poll(() => cells.count()).toBeGreaterThan(0);
    expect(await cells.allTextContents()).toEqual(expect.arrayContaining(['10', '20', '40', '5']));
  });

  it('takes the width that it is given', async () => {
    await chart();
    const width = () =>
      stage()
        .locator('dot-chart svg[role=group]')
        .evaluate((svg) => svg.getBoundingClientRect().width);
    for (const wanted of [420, 780]) {
      await stage().evaluate((px) => {
        document.querySelector<HTMLElement>('dot-chart')!.style.width = `${px}px`;
      }, wanted);
      await expect.poll(width).toBe(wanted);
    }
  });
});

describe('the wall', () => {
  const key = () => id('wall-key');
  const label = () => key().getAttribute('aria-label');

  it('says an expert’s share of the assignments beside chance', async () => {
    // Of 8 tokens each expert of a layer is first once and second once.
    await mount('expert-wall', 'cpu', 8);
    await expect
      .poll(label)
      .toBe('Layer 0, expert 0: took 12.5\u00a0% of the assignments so far; chance is 12.5\u00a0%.');
    expect(await text('[data-testid=wall-told]')).toContain('24 of 24 experts used');
    await mount('expert-wall', 'cpu', 1);
    await expect.poll(label).toContain('took 50.0\u00a0% of the assignments');
  });

  it('is walked by arrows, and stops at its edges', async () => {
    await mount('expert-wall', 'cpu', 8);
    await key().focus();
    for (const press of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await stage().keyboard.press(press);
    await expect.poll(label).toMatch(/^Layer 2, expert 1:/);
    await stage().keyboard.press('End');
    await expect.poll(label).toMatch(/^Layer 2, expert 7:/);
    await stage().keyboard.press('ArrowRight');
    await expect.poll(label).toMatch(/^Layer 2, expert 7:/);
  });

  it('pins by Enter, switches off by Delete and brings back', async () => {
    await mount('expert-wall', 'cpu', 8);
    await key().focus();
    await stage().keyboard.press('Enter');
    await expect.poll(() => key().getAttribute('aria-pressed')).toBe('true');
    await stage().keyboard.press('Delete');
    await expect.poll(label).toContain('switched off');
    await id('wall-toggle').click();
    await expect.poll(label).not.toContain('switched off');
    expect(await stage().evaluate(() => globalThis.stage.given)).toEqual([[{ kind: 'off', layer: 0, expert: 0 }], []]);
  });

  it('has the layer of the tint chosen by arrows', async () => {
    await mount('expert-wall', 'cpu', 8);
    await stage().getByRole('radio', { name: 'Layer 2' }).focus();
    await stage().keyboard.press('ArrowDown');
    expect(await stage().evaluate(() => globalThis.stage.session.layer.get())).toBe(0);
    await expect.poll(() => stage().getByRole('radio', { name: 'Layer 0' }).getAttribute('aria-checked')).toBe('true');
  });

  it('draws as many points as the room that it gets', async () => {
    await mount('expert-wall', 'cpu', 8);
    const drawn = () => id('wall').evaluate((canvas) => (canvas as HTMLCanvasElement).width);
    await expect.poll(drawn).toBeGreaterThan(600);
    await stage().setViewportSize({ width: 400, height: 700 });
    await expect.poll(drawn).toBeLessThan(400);
  });
});

describe('the room for experts', () => {
  const output = () => text('expert-cache output');

  it('is only supposed where nothing here holds experts, and is moved by keyboard', async () => {
    await mount('expert-cache', 'cpu', 16);
    await expect.poll(output).toBe('4 of 8');
    await id('cache-held').focus();
    await stage().keyboard.press('ArrowLeft');
    await expect.poll(output).not.toBe('4 of 8');
    expect(await text('[data-testid=cache-said]')).toContain('these 16 tokens asked for would have been there');
    expect(await stage().evaluate(() => globalThis.stage.session.held.get())).toBeNull();
  });

  it('is given to the GPU that writes, and all of it back', async () => {
    await mount('expert-cache', 'webgpu', 16);
    await expect.poll(output).toBe('8 of 8');
    await id('cache-held').focus();
    await stage().keyboard.press('Home');
    const held = () => stage().evaluate(() => globalThis.stage.session.held.get());
    await expect.poll(held).toBe(2);
    await stage().keyboard.press('End');
    await expect.poll(held).toBeNull();
  });

  it('waits for a text', async () => {
    await mount('expert-cache', 'cpu', 3);
    await expect.poll(() => text('expert-cache .note')).toContain('too little text');
  });
});

describe('the editor of interventions', () => {
  const add = () => id('add-intervention');
  const given = () => stage().evaluate(() => globalThis.stage.given.at(-1));

  it('gives the engine what its sentence says', async () => {
    await mount('intervention-editor', 'cpu', 8);
    await id('intervention-layer').selectOption('1');
    await id('intervention-expert').fill('5');
    await add().click();
    await expect.poll(given).toEqual([{ kind: 'off', layer: 1, expert: 5 }]);
    await id('intervention-kind').selectOption('k');
    await stage().getByLabel('One expert more').click();
    await add().click();
    await expect.poll(given).toEqual([
      { kind: 'off', layer: 1, expert: 5 },
      { kind: 'k', layer: 1, k: 3 },
    ]);
  });

  it('says beside the button what cannot be, and gives nothing', async () => {
    await mount('intervention-editor', 'cpu', 8);
    await id('intervention-expert').fill('8');
    await add().click();
    await expect.poll(() => text('.problem')).toContain('There is no expert 8');
    expect(await given()).toBeUndefined();
    await id('intervention-expert').fill('7');
    await expect.poll(() => text('.problem')).toBe('');
  });

  it('is closed while a recording plays', async () => {
    await mount('intervention-editor', null, 8);
    expect(await add().isDisabled()).toBe(true);
    expect(await text('.meaning')).toContain('a recording cannot be changed');
  });
});

describe('results of others', () => {
  const rows = () => id('results').locator('tbody tr');

  it('say what is missing, and come when they are asked for again', async () => {
    let asked = 0;
    await stage().route('**/results.json', (route) =>
      asked++ ? route.fulfill({ path: 'public/results.json' }) : route.fulfill({ status: 404, body: '' }),
    );
    await mount('shared-results', 'cpu', 0);
    const again = stage().getByRole('button', { name: 'Try again' });
    await stage().getByText('results.json” is not on this server').waitFor();
    await again.click();
    await rows().first().waitFor();
    expect(await again.count()).toBe(0);
    expect(asked).toBe(2);
  });

  it('offer the visitor a place once something is measured', async () => {
    await stage().route('**/results.json', (route) => route.fulfill({ path: 'public/results.json' }));
    await mount('shared-results', 'cpu', 0);
    await id('add-measure').click();
    expect(await stage().evaluate(() => globalThis.stage.session.view.get())).toBe('saves');
    expect(await id('add-save').count()).toBe(0);
    await stage().evaluate(() => {
      const { session, comparisonOf } = globalThis.stage;
      session.comparing.keep(comparisonOf([1]));
    });
    await id('add-save').waitFor();
    await rows().filter({ hasText: 'this machine, now' }).waitFor();
  });
});
