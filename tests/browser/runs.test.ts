/** Two runs side by side: each is the text that the page itself writes under the same conditions. */
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('two runs', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  const tokens = (column: number, which = '.t') => visitor.page.locator(`two-runs [data-run="${column}"] ${which}`);
  const run = async (column: number) => (await tokens(column).allTextContents()).join('');
  const differing = (column: number) => tokens(column, '.t.differs').allTextContents();

  it('are written without and with the interventions, as the link asks, from the same seed', async () => {
    const text = '#prompt=The+fox&seed=5&tokens=24&pace=full';
    visitor = await Visitor.open({ cpu: true, query: text });
    await visitor.untilWritten(23);
    await visitor.untilAtRest();
    const plain = (await visitor.tokens()).join('');
    await visitor.leave();

    visitor = await Visitor.open({ cpu: true, query: `${text}&k=1&off=5:11&view=runs` });
    await visitor.id('runs-said').waitFor({ timeout: 60_000 });
    const [a, b] = [await run(0), await run(1)];
    expect(plain.startsWith(a) || a.startsWith(plain)).toBe(true);
    expect(b).not.toBe(a);
    // The page's own text gave way to them and then goes on by itself: under the same interventions it is the second.
    await visitor.untilAtRest();
    expect(await visitor.written()).toBe(23);
    const page = (await visitor.tokens()).join('');
    expect(page.startsWith(b) || b.startsWith(page)).toBe(true);
    // What is not framed is the same in both.
    const rest = async (column: number) => (await tokens(column, '.t:not(.differs)').allTextContents()).join('');
    expect(await rest(0)).toBe(await rest(1));
    expect((await differing(1)).length).toBeGreaterThan(0);
    // In step: rows hold the same tokens of both, and the row where the texts part is marked at the first that differs.
    const inStep = await visitor.page.locator('two-runs .row').evaluateAll((all) =>
      all.map((row) => ({
        parts: row.classList.contains('parts'),
        tokens: [...row.querySelectorAll('.line')].map((line) =>
          [...line.querySelectorAll('.t')].map((token) => token.textContent),
        ),
        marked: row.querySelectorAll('.t.first').length,
      })),
    );
    const [, ...lines] = inStep;
    const ends = [0, 1].map((column) => lines.reduce((sum, row) => sum + row.tokens[column].length, 0));
    let through = 0;
    for (const { tokens } of lines) {
      through += Math.max(...tokens.map(({ length }) => length));
      // A text that ends earlier leaves its side empty from there on.
      if (through <= Math.min(...ends)) expect(tokens[1].length).toBe(tokens[0].length);
    }
    expect(through).toBe(Math.max(...ends));
    const at = lines.findIndex(({ parts }) => parts);
    expect(lines.map(({ marked }) => marked).reduce((sum, each) => sum + each)).toBe(lines[at].marked);
    expect(lines[at].marked).toBeGreaterThan(0);
    for (const {
      tokens: [first, second],
    } of lines.slice(0, at))
      expect(second).toEqual(first);
    expect(lines[at].tokens[1]).not.toEqual(lines[at].tokens[0]);
    // With one expert per token, and one of them off, the table shows it.
    await visitor.page.locator('two-runs summary').click();
    const rows = await visitor.id('runs-table').locator('tbody tr').allTextContents();
    expect(rows).toHaveLength(96);
    const off = await visitor
      .id('runs-table')
      .locator('tbody tr')
      .nth(5 * 16 + 11)
      .locator('td')
      .last()
      .textContent();
    expect(off).toBe('0.0\u00a0%');
    expect(visitor.errors).toEqual([]);
  });

  it('can be of two prompts, which the address carries', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#prompt=The+fox&seed=5&tokens=10&pace=full&view=runs' });
    await visitor.untilWritten(9);
    await visitor.untilAtRest();
    expect(await visitor.id('write-both').isDisabled()).toBe(true);
    await visitor.page.getByRole('radio', { name: 'two prompts' }).click();
    await visitor.id('other').fill('Der Fuchs');
    await visitor.id('write-both').click();
    await visitor.id('runs-said').waitFor({ timeout: 60_000 });
    expect(await run(0)).toMatch(/^The fox/);
    expect(await run(1)).toMatch(/^Der Fuchs/);
    await expect.poll(() => visitor.page.evaluate(() => location.hash)).toContain('other=Der+Fuchs');
    expect(visitor.errors).toEqual([]);
  });
});
