/** Each view's numbers, read off the page, against the trace that the page exports, counted slowly here. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import type { TraceFile } from '../../src/engine/trace.ts';
import { MEASURES } from '../../src/state/measures/names.ts';
import { oracle } from '../state/oracle.ts';
import type { Token } from '../state/textOf.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** “41.3 %” or “−0.25” as a number. */
function figure(text: string): number {
  const value = Number(text.replace('−', '-').replace(/[%\s]/g, ''));
  return text.includes('%') ? value / 100 : value;
}

/** A share as the page prints it has one digit behind the point, of percent. */
const PRINTED = 0.00051;

describe('the views of one text', () => {
  let visitor: Visitor;
  let trace: TraceFile;
  let tokens: Token[];

  beforeAll(async () => {
    // This text does not end of itself before.
    visitor = await Visitor.open({ query: '#tokens=70&seed=4&temperature=0.8&pace=full&write=1' });
    await visitor.untilWritten(69);
    await visitor.untilAtRest();
    await visitor.id('share').click();
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id('save-trace').click()]);
    trace = parseTrace(readFileSync(await download.path(), 'utf8'));
    tokens = trace.tokens.map((token, t) => ({
      id: token.id,
      predicted: token.candidates?.[0]?.text ?? null,
      experts: trace.expertIds[t],
      probabilities: trace.probabilities![t],
    }));
    await visitor.page.getByRole('button', { name: 'Close' }).click();
  });
  afterAll(() => visitor.leave());

  const show = (view: string) => visitor.show(view);
  const cells = async (table: string, row = 'tbody tr') =>
    visitor
      .id(table)
      .locator(row)
      .evaluateAll((rows) =>
        rows.map((tr) => [...tr.children].map((cell) => (cell as HTMLElement).innerText.replace(/\s+/g, ' ').trim())),
      );
  const uses = (layer: number, expert: number) => tokens.map((token) => token.experts[layer].includes(expert));
  const count = (all: readonly boolean[]) => all.filter(Boolean).length;

  it('text: tint by the first expert of the chosen layer, underline by the selection margin', async () => {
    for (const layer of [2, 5]) {
      await visitor.page.getByRole('radio', { name: `Layer ${layer}`, exact: true }).click();
      const spans = visitor.page.locator('moe-text .t');
      const read = () =>
        spans.evaluateAll((all) =>
          all.map((span) => ({
            expert: Number((span as HTMLElement).dataset.e),
            // calc(0.123 * 1rem)
            line: Number.parseFloat((span as HTMLElement).style.getPropertyValue('--line').replace('calc(', '')),
          })),
        );
      await expect
        .poll(async () => (await read()).map(({ expert }) => expert))
        .toEqual(tokens.map((token) => token.experts[layer][0]));
      for (const [t, { line }] of (await read()).entries()) {
        const sorted = [...tokens[t].probabilities[layer]].sort((a, b) => b - a);
        const margin = Math.min(0.25, sorted[1] - sorted[2]);
        expect(line).toBeCloseTo(0.08 + (0.14 * margin) / 0.25, 2);
      }
    }
  });

  it('text: shows spaces and line breaks on demand, and moves nothing for it', async () => {
    const boxes = () =>
      visitor.page
        .locator('moe-text .t b')
        .evaluateAll((all) => all.map((b) => Math.round(b.getBoundingClientRect().left)));
    const before = await boxes();
    await visitor.id('signs').click();
    const sign = await visitor.page
      .locator('moe-text .t i.space')
      .first()
      .evaluate((i) => getComputedStyle(i).backgroundImage);
    expect(sign).toContain('radial-gradient');
    const spaces = await visitor.page.locator('moe-text .t i.space').count();
    expect(spaces).toBe(trace.tokens.map(({ text }) => text.split(' ').length - 1).reduce((a, b) => a + b, 0));
    // A sign for a line break stands at the end of its line; all words stay where they are.
    expect(await boxes()).toEqual(before);
    await visitor.id('signs').click();
  });

  it('wall: shares of assignments and of tokens, of the text and of its end', async () => {
    await visitor.page.locator('wall-table summary').click();
    const read = async () => (await cells('wall-table')).map((row) => row.slice(1).map(figure));
    const check = async (from: number, of: 'assignments' | 'tokens') => {
      const part = tokens.slice(from);
      const whole = of === 'tokens' ? part.length : 2 * part.length;
      const wanted = Array.from({ length: 6 }, (_, layer) =>
        Array.from({ length: 16 }, (_, e) => count(part.map((token) => token.experts[layer].includes(e))) / whole),
      );
      await expect
        .poll(async () => {
          const rows = await read();
          return Math.max(...rows.flatMap((row, layer) => row.map((x, e) => Math.abs(x - wanted[layer][e]))));
        })
        .toBeLessThan(PRINTED);
      const chance = of === 'tokens' ? '12.5\u00a0%' : '6.3\u00a0%';
      expect(await visitor.text('wall-chance')).toBe(`chance ${chance}`.replace('\u00a0', ' '));
      expect(await visitor.id('wall-table').locator('caption').textContent()).toContain(
        `Share of the layer’s ${of} that each expert took, over ${part.length} tokens. Chance is ${chance}`,
      );
    };
    await check(0, 'assignments');
    await visitor.id('wall-share').selectOption('tokens');
    await check(0, 'tokens');
    await visitor.id('wall-scope').selectOption('8');
    await check(tokens.length - 8, 'tokens');
    await visitor.id('wall-share').selectOption('assignments');
    await check(tokens.length - 8, 'assignments');
    await visitor.id('wall-scope').selectOption('all');
    await visitor.page.locator('wall-table summary').click();
  });

  it('wall: a cell that is looked at lights the tokens that used its expert, a pinned one stays', async () => {
    const { page } = visitor;
    const expert = tokens[40].experts[5][0];
    await visitor.id('wall').scrollIntoViewIfNeeded();
    const box = (await visitor.id('wall').boundingBox())!;
    await page.mouse.move(box.x + ((expert + 0.5) / 16) * box.width, box.y + box.height - 8);
    const lit = () =>
      page.locator('moe-text .t').evaluateAll((all) => all.map((span) => span.classList.contains('uses')));
    await expect.poll(lit).toEqual(uses(5, expert));
    const share = (100 * count(uses(5, expert))) / (2 * tokens.length);
    expect(await visitor.text('wall-told')).toContain(
      `Expert ${expert} in layer 5 took ${share.toFixed(1)} % of the assignments so far; chance is 6.3 %.`,
    );
    await page.mouse.move(2, 2);
    await expect.poll(async () => (await lit()).some(Boolean)).toBe(false);
    await page.mouse.click(box.x + ((expert + 0.5) / 16) * box.width, box.y + box.height - 8);
    await page.mouse.move(2, 2);
    await expect.poll(lit).toEqual(uses(5, expert));
    await visitor.id('wall-unpin').click();
    await expect.poll(async () => (await lit()).some(Boolean)).toBe(false);
  });

  it('wall: stands in the order of its load when asked, and tells the right expert then', async () => {
    await visitor.id('wall-order').selectOption('load');
    await visitor.id('wall-key').focus();
    await visitor.page.keyboard.press('Home');
    for (let layer = 0; layer < 5; layer++) await visitor.page.keyboard.press('ArrowDown');
    const loads = Array.from({ length: 16 }, (_, e) => count(uses(5, e)));
    const order = [...loads.keys()].sort((a, b) => loads[b] - loads[a] || a - b);
    for (const expert of order.slice(0, 4)) {
      expect(await visitor.text('wall-told')).toContain(`Expert ${expert} in layer 5`);
      await visitor.page.keyboard.press('ArrowRight');
    }
    await visitor.id('wall-order').selectOption('number');
    await visitor.id('wall-order').focus();
  });

  it('router: probabilities, the cut, weights and the rule they follow', async () => {
    const at = 33;
    await visitor.page.locator('moe-text .t').nth(at).click();
    await visitor.page.mouse.move(2, 2);
    await show('router');
    await visitor.page
      .locator('router-maths h2')
      .filter({ hasText: `token ${at}` })
      .waitFor();
    expect(await visitor.page.locator('moe-text .t.lit').getAttribute('data-at')).toBe(String(at));
    const rows = await cells('maths');
    const p = trace.probabilities![at][5];
    for (const [rank, expert] of trace.expertIds[at][5].entries()) {
      expect(Number(rows[rank][0])).toBe(expert);
      expect(figure(rows[rank][2])).toBeCloseTo(p[expert], 3);
      expect(figure(rows[rank][3])).toBeCloseTo(trace.gateWeights[at][5][rank], 2);
    }
    const sorted = [...p].sort((a, b) => b - a);
    const margin = figure(rows[2][0].match(/= ([\d.]+)$/)![1]);
    expect(margin).toBeCloseTo(sorted[1] - sorted[2], 3);
    expect(rows.slice(3, 6).map((row) => figure(row[2]))).toEqual([
      expect.closeTo(sorted[2], 3),
      expect.closeTo(sorted[3], 3),
      expect.closeTo(sorted[4], 3),
    ]);
    expect(rows[6][0]).toBe('11 more');
    expect(figure(rows[6][2])).toBeCloseTo(
      sorted.slice(5).reduce((a, b) => a + b, 0),
      3,
    );
    expect(await visitor.id('maths').locator('thead').innerText()).toContain('6.3\u00a0%');
  });

  it('router: logits, outputs and their sum, asked of the engine once the token stays', async () => {
    const at = 44;
    await visitor.page.locator('moe-text .t').nth(at).click();
    await visitor.page.mouse.move(2, 2);
    await show('router');
    await visitor.id('maths-state').filter({ hasText: 'added to what came in' }).waitFor();
    const rows = await cells('maths');
    const p = trace.probabilities![at][5];
    const shown = [...rows.slice(0, 2), ...rows.slice(3, 6)];
    // A softmax keeps differences: z_a − z_b = ln p_a − ln p_b.
    for (const row of shown) {
      const expert = Number(row[0]);
      const by = figure(row[1]) - figure(shown[0][1]);
      expect(by).toBeCloseTo(Math.log(p[expert] / p[Number(shown[0][0])]), 1);
    }
    let most = 0;
    for (const [, , , weight, norm, part] of rows.slice(0, 2)) {
      expect(figure(norm)).toBeGreaterThan(0);
      expect(Math.abs(figure(part) - figure(weight) * figure(norm))).toBeLessThan(0.02 + 0.001 * figure(norm));
      most += figure(part);
    }
    const [sum, residual] = [...(await visitor.text('maths-state')).matchAll(/= (\d+\.\d+)/g)].map((match) =>
      figure(match[1]),
    );
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(most + 0.03);
    expect(residual).toBeGreaterThan(0);
    expect(await visitor.text('maths-state')).toContain('the weights add up to 1');
  });

  it('next token: what the runner-up would have said, in one layer and in all', async () => {
    await show('next');
    const at = 44;
    const told = visitor.id('swap').filter({ hasText: 'KL ' });
    await told.waitFor();
    const kl = async () => figure((await told.innerText()).match(/KL ([\d.]+) nats/)![1]);
    const sorted = [...trace.probabilities![at][5].keys()].sort(
      (a, b) => trace.probabilities![at][5][b] - trace.probabilities![at][5][a],
    );
    expect(await visitor.text('swap')).toContain(`expert ${sorted[2]} for expert ${trace.expertIds[at][5][1]}`);
    const one = await kl();
    const rows = await cells('next');
    const changed = rows.filter((row) => row[3] !== row[4]);
    expect(one).toBeGreaterThanOrEqual(0);
    expect(rows.every((row) => /^(< )?[\d.]+ %$/.test(row[4]))).toBe(true);
    await visitor.page.getByRole('radio', { name: 'all layers' }).click();
    await expect.poll(async () => (await told.count()) === 1 && (await kl())).not.toBe(one);
    const all = await kl();
    expect(all).toBeGreaterThan(0);
    console.log(`KL ${one} nats in layer 5 (${changed.length} of ${rows.length} shown changed), ${all} in all layers`);
    await visitor.page.getByRole('radio', { name: 'layer 5', exact: true }).click();
  });

  it('next token: the candidates of the token in question, the drawn one marked', async () => {
    const at = 50;
    await visitor.page.locator('moe-text .t').nth(at).click();
    await visitor.page.mouse.move(2, 2);
    await show('next');
    const { candidates } = trace.tokens[at];
    const rows = await cells('next');
    expect(figure(rows[0][3])).toBeCloseTo(candidates![0].probability, 2);
    expect(figure(rows[1][3])).toBeCloseTo(candidates![1].probability, 2);
    const drawn = await visitor.id('next').locator('tr.drawn .token').innerText();
    expect(drawn.replace(/·/g, ' ').replace(/↵/g, '\n')).toBe(trace.tokens[at + 1].text);
  });

  it('every layer: the experts of each token, as a table', async () => {
    await show('layers');
    await visitor.page.getByRole('button', { name: 'As a table' }).click();
    const caption = (await visitor.id('layers-table').locator('caption').textContent())!;
    const [from, to] = caption.match(/\d+/g)!.map(Number);
    expect(to - from).toBeGreaterThan(8);
    for (const [i, row] of (await cells('layers-table')).entries()) {
      expect(row.slice(1)).toEqual(trace.expertIds[from + i].map((experts) => experts.join(' ')));
    }
    await visitor.page.getByRole('button', { name: 'As a picture' }).click();
    await visitor.id('layers-key').focus();
    await visitor.page.keyboard.press('Home');
    await visitor.page.keyboard.press('ArrowRight');
    await visitor.page.keyboard.press('ArrowUp');
    const label = await visitor.id('layers-key').getAttribute('aria-label');
    expect(label).toContain(`layer 4: expert ${trace.expertIds[1][4][0]} `);
    await visitor.page.keyboard.press('ArrowDown');
    await visitor.page.keyboard.press('Escape');
  });

  it('expert: its tokens, its partners, beside chance; names are the visitor’s', async () => {
    const expert = tokens[60].experts[5][0];
    await visitor.id('wall-key').focus();
    await visitor.page.keyboard.press('Home');
    for (let column = 0; column < expert; column++) await visitor.page.keyboard.press('ArrowRight');
    await visitor.page.keyboard.press('Enter');
    await show('expert');
    const took = uses(5, expert);
    await visitor
      .id('expert-said')
      .filter({ hasText: `It took ${count(took)} of the ${tokens.length} tokens here` })
      .waitFor();
    const share = ((100 * count(took)) / tokens.length).toFixed(1);
    expect(await visitor.text('expert-said')).toContain(`${share} %; chance is 12.5 %.`);
    for (const [table, key] of [
      ['expert-inputs', (t: number) => trace.tokens[t].text],
      ['expert-predictions', (t: number) => tokens[t].predicted],
    ] as const) {
      const rows = await cells(table);
      expect(rows.length).toBeGreaterThan(2);
      for (const [word, taken, chance] of rows) {
        const text = word.replace(/·/g, ' ').replace(/↵/g, '\n');
        const at = tokens.map((_, t) => t).filter((t) => key(t) === text);
        expect(taken, word).toBe(`${count(at.map((t) => took[t]))} of ${at.length}`);
        expect(chance).toBe(`chance ${(at.length / 8).toFixed(1)}`);
      }
    }
    for (const [partner, together, chance] of await cells('expert-partners')) {
      const both = count(uses(5, Number(partner.match(/\d+/)![0])).map((used, t) => used && took[t]));
      expect(together).toBe(`${both} of ${count(took)}`);
      expect(chance).toBe(`chance ${(count(took) / 15).toFixed(1)}`);
    }
    expect(await visitor.id('expert-name').inputValue()).toBe('');
    await visitor.id('expert-name').fill('my favourite');
    await visitor.id('expert-name').blur();
    expect(await visitor.text('wall-told')).toContain(`Expert ${expert} in layer 5 “my favourite”`);
    await visitor.id('expert-name').fill('');
    await visitor.id('expert-name').blur();
    await visitor.id('wall-unpin').click();
  });

  it('measures: every one in every layer, and its definition one click away', async () => {
    await show('measures');
    await visitor.page
      .locator('routing-measures h2')
      .filter({ hasText: `after ${tokens.length} tokens` })
      .waitFor();
    await visitor.page.locator('routing-measures').getByRole('button', { name: 'As a table' }).click();
    const rows = visitor.id('measures-table').locator('tbody tr');
    expect(await rows.count()).toBe(MEASURES.length);
    for (const name of MEASURES) {
      const row = rows.and(visitor.page.locator(`[data-measure=${name}]`));
      const shown = await row.locator('td').allTextContents();
      for (let layer = 0; layer < 6; layer++) {
        const wanted = oracle(name, tokens, layer, 16);
        const found = figure(shown[layer]);
        // Probabilities of a trace file have four digits.
        expect(Math.abs(found - wanted), `${name}, layer ${layer}: ${found}, ${wanted}`).toBeLessThan(0.0012);
      }
    }
    await visitor.page.locator('routing-measures').getByRole('button', { name: 'As pictures' }).click();
    await visitor.page.locator('coactivation-map summary').filter({ hasText: 'As a table' }).click();
    await visitor.id('coactivation-table').locator('tbody tr').last().waitFor();
    const partnersOf = await cells('coactivation-table');
    for (const [i, [expert, of, together]] of partnersOf.entries()) {
      expect([expert, of]).toEqual([String(i), String(count(uses(5, i)))]);
      for (const [, partner, share] of together.matchAll(/(\d+) \((\d+)\s%\)/g)) {
        const both = count(uses(5, i).map((used, t) => used && uses(5, Number(partner))[t]));
        expect(Math.abs(Number(share) - (100 * both) / Number(of)), `${i} with ${partner}`).toBeLessThanOrEqual(0.5001);
      }
    }
    expect(partnersOf.length).toBe(16);
    const first = visitor.page.locator('routing-measures details').first();
    await first.locator('summary').click();
    expect(await first.locator('.definition').innerText()).toContain('ST-MoE (2202.08906)');
    expect(visitor.errors).toEqual([]);
  });
});
