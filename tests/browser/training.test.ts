/** "Train one" on the built page: two painters learn, and without an expert only its territory changes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** What the MoE's canvas and the first layer's map show, and how far it is. */
const seen = (visitor: Visitor) =>
  visitor.page.locator('train-race').evaluate((element) => {
    const { race } = element as unknown as {
      race: { standings: { get(): { step: number; decibels: number; painting: { territories: Uint8Array[] } }[] } };
    };
    const canvas = element.shadowRoot!.querySelector('[data-testid=train-moe]')!.shadowRoot!.querySelector('canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const [moe, dense] = race.standings.get();
    return {
      pixels: [...data],
      territories: moe.painting.territories.map((map) => [...map]),
      step: moe.step,
      decibels: [moe.decibels, dense.decibels],
    };
  });

/** MOESCOPE_FULL=1 takes both; the steps themselves are tested without a page. */
const WAYS = [['on the software adapter', false] as const, ['without WebGPU', true] as const];

test.each(process.env.MOESCOPE_FULL === '1' ? WAYS : WAYS.slice(0, 1))(
  '%s, painters learn; without an expert nothing changes but its territory',
  async (_, cpu) => {
    const visitor = await Visitor.open({ cpu, query: '#train=experts:4,seed:3', reducedMotion: 'reduce' });
    await visitor.page.locator('train-race').scrollIntoViewIfNeeded();
    expect(await visitor.id('train-experts').inputValue()).toBe('4');
    await visitor.id('train-toggle').click();
    await visitor.page.waitForFunction(
      () => {
        const find = (root: ParentNode): Element | null => {
          for (const each of root.querySelectorAll('*')) {
            const found = each.localName === 'train-race' ? each : each.shadowRoot && find(each.shadowRoot);
            if (found) return found;
          }
          return null;
        };
        const element = find(document) as unknown as {
          race: { standings: { get(): ({ step: number; decibels: number } | null)[] } };
        } | null;
        const standings = element?.race.standings.get();
        return standings?.every((each) => (each?.step ?? 0) >= 5) && standings[0]!.decibels > 9;
      },
      undefined,
      { timeout: 240_000 },
    );
    await visitor.id('train-toggle').filter({ hasText: 'Pause' }).click();
    await visitor.id('train-toggle').filter({ hasText: 'Go on' }).waitFor();
    // What was on its way when the button was pressed has arrived once two looks agree.
    let before = await seen(visitor);
    for (let step = -1; step !== before.step; ) {
      step = before.step;
      await visitor.page.waitForTimeout(1500);
      before = await seen(visitor);
    }
    const map = before.territories[0];
    const size = Math.sqrt(map.length);
    const box = (await visitor.id('train-territory-0').boundingBox())!;
    const [row, column] = [Math.floor(size / 3), Math.floor(size / 3)];
    const expert = map[row * size + column];
    await visitor
      .id('train-territory-0')
      .locator('canvas')
      .click({ position: { x: ((column + 0.5) * box.width) / size, y: ((row + 0.5) * box.height) / size } });
    await visitor.page.getByText(`off: ${expert}`).waitFor();
    await visitor.page.waitForFunction(() => location.hash.includes('off:0.'));
    let after = await seen(visitor);
    for (let i = 0; i < 100 && after.territories[0].includes(expert); i++) {
      await visitor.page.waitForTimeout(100);
      after = await seen(visitor);
    }
    expect(after.step).toBe(before.step);
    let changed = 0;
    for (let pixel = 0; pixel < map.length; pixel++) {
      const same = [0, 1, 2].every((c) => before.pixels[4 * pixel + c] === after.pixels[4 * pixel + c]);
      if (map[pixel] === expert) changed += Number(!same);
      else if (!same) expect.fail(`pixel ${pixel} of expert ${map[pixel]} changed without expert ${expert}`);
    }
    expect(changed).toBeGreaterThan(0);

    const saved = async (name: string) => {
      const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id(name).click()]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const lines = (await saved('train-csv')).bytes.toString().trim().split('\n');
    expect(lines[0]).toBe('model,step,training_flops,seconds_of_own_steps,squared_error');
    expect(lines.some((line) => line.startsWith('moe,'))).toBe(true);
    expect((await saved('train-png')).bytes.subarray(1, 4).toString()).toBe('PNG');
    // The weights come back as they were, and go on.
    const { name, bytes } = await saved('train-weights');
    await visitor.id('train-experts').selectOption('8');
    await visitor.id('train-picture').setInputFiles({ name, mimeType: '', buffer: bytes });
    // The same file can be chosen again.
    expect(await visitor.id('train-picture').inputValue()).toBe('');
    await visitor.id('train-toggle').filter({ hasText: 'Pause' }).click();
    await visitor.id('train-toggle').filter({ hasText: 'Go on' }).waitFor();
    expect(await visitor.id('train-experts').inputValue()).toBe('4');
    expect((await seen(visitor)).step).toBeGreaterThanOrEqual(before.step);
    expect(visitor.errors).toEqual([]);
    await visitor.leave();
  },
);
