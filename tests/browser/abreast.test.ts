/** Three models write from one prompt: what stands on the page is what each writes alone, counted and timed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { loadModel } from '../../src/model/load.ts';
import { complaints, small } from './access.ts';
import { FILES, serveTiny } from './tiny.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const PROMPT = 'hello';
const ROLES = ['moe', 'dense-active', 'dense-total'] as const;

/** The first token and those after it, as far as the text goes. */
async function alone(id: string, seed: number): Promise<string> {
  const engine = createCpuEngine(loadModel(FILES[id]));
  const { tokenizer } = engine.model;
  const ids: number[] = [];
  const sampling = { temperature: 0, topK: 0, topP: 1, seed };
  for await (const { sampled } of engine.generate({ ids: tokenizer.prompt(PROMPT), maxTokens: 65, sampling }))
    ids.push(...sampled.filter((each) => each !== 0xffffffff && !tokenizer.ends.has(each)));
  engine.destroy();
  return tokenizer.decode(ids);
}

describe('three models that write from one prompt', () => {
  let visitor: Visitor;
  const lane = (role: string) => visitor.id(`abreast-${role}`);
  const figure = async (role: string, name: string) =>
    ((await lane(role).locator(`[data-lane=${name}]`).textContent()) ?? '').trim();

  beforeAll(async () => {
    visitor = await Visitor.open({ cpu: true, before: serveTiny, query: '#view=abreast&temperature=0&seed=4' });
    await visitor.untilBadge('live (CPU');
    await visitor.stop();
    await visitor.show('abreast');
  });
  afterAll(() => visitor.leave());

  it('says what is fetched, and which has seen too little, before anything is', async () => {
    const sizes = ROLES.map((id) => `${(FILES[id].length / 1e3).toFixed(0)}\u00a0kB`);
    expect(await visitor.page.locator('texts-abreast .act').innerText()).toContain(sizes.join(', '));
    expect(await lane('dense-total').textContent()).toContain(
      'Trained on only 1\u00a0thousand of 8\u00a0thousand tokens',
    );
    expect(await lane('dense-active').textContent()).not.toContain('only');
    expect(await lane('moe').locator('.text').innerText()).toBe('');
  });

  it('prints what each writes alone, with its own figures', async () => {
    await visitor.id('abreast-prompt').fill(PROMPT);
    await visitor.id('write-abreast').click();
    await visitor.id('write-abreast').filter({ hasText: 'again' }).waitFor();
    for (const role of ROLES) {
      const [first] = (await lane(role).locator('.text').innerText()).split('The text ended here');
      expect(`${PROMPT}${await alone(role, 4)}`.startsWith(first.trimEnd().replace(/\ufffd$/, ''))).toBe(true);
      expect(await figure(role, 'tokens')).toBe('64');
      const { active } = loadModel(FILES[role]).config.parameters;
      expect(Number.parseFloat(await figure(role, 'sums'))).toBeCloseTo((64 * active) / 1e6, 1);
      expect(await figure(role, 'time')).toMatch(/^[\d.]+\s(µs|ms|s)$/);
      // What is read here is another number than the card's, and says of what it is.
      expect(await figure(role, 'loss')).toMatch(/^\d+\.\d{3}$/);
      expect(await lane(role).locator('dl').innerText()).toContain('of n = 34 tokens read here');
    }
    expect(await visitor.text('abreast-found')).toMatch(/a token takes the MoE .* and the dense model of its size/);
    expect(await visitor.text('abreast-method')).toContain('n = 64 tokens, the prompt not counted');
    expect(await visitor.text('abreast-method')).not.toContain('Stopped early');
  });

  it('is clean to axe, and on a phone nothing too small or too wide', async () => {
    expect(await complaints(visitor.page)).toEqual([]);
    await visitor.page.setViewportSize({ width: 360, height: 740 });
    expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await visitor.page.setViewportSize({ width: 1440, height: 900 });
    expect(visitor.errors).toEqual([]);
  });

  it('says what is wrong with the prompt, and lets the button wait for one', async () => {
    await visitor.id('abreast-prompt').fill(' ');
    expect(await visitor.id('write-abreast').isDisabled()).toBe(true);
    await visitor.id('abreast-prompt').fill('x'.repeat(500));
    await visitor.id('write-abreast').click();
    await visitor.page.getByText('This prompt leaves too little room').waitFor();
    // What was written before stays.
    expect(await figure('moe', 'tokens')).toBe('64');
  });
});

describe('on a phone', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await Visitor.open({
      ...{ query: '#view=abreast', before: serveTiny, cpu: true },
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    });
  });
  afterAll(() => visitor.leave());

  it('has everything as large as a finger', async () => {
    await visitor.id('write-abreast').waitFor();
    expect(await small(visitor.page)).toEqual([]);
  });
});
