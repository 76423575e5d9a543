/** Texts in other scripts than Latin: letters that join stay joined across tokens, and a text reads in its own direction. */
import { expect, it } from 'vitest';
import { largeTrace } from '../hostileTraces.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

/** A file whose tokens have these texts; an empty one is a byte of the character that the next completes. */
function traceOf(texts: readonly string[]): string {
  const trace = JSON.parse(largeTrace({ tokens: texts.length, layers: 2, experts: 4, expertsPerToken: 2 }));
  trace.tokens = texts.map((text, id) => ({ id, text }));
  return JSON.stringify(trace);
}

/** Brings the text, and says how wide its line is, how wide it is as one word, and which way it reads. */
async function look(visitor: Visitor, name: string, texts: readonly string[]) {
  await visitor.id('share').click();
  const buffer = Buffer.from(traceOf(texts));
  await visitor.id('bring').setInputFiles({ name, mimeType: 'application/json', buffer });
  await visitor.untilBadge(`imported: ${name}`);
  await expect.poll(async () => (await visitor.tokens()).length).toBe(texts.length);
  return visitor.page.locator('moe-text .flow').evaluate((flow) => {
    const spans = [...flow.querySelectorAll('.t')];
    const boxes = spans.map((span) => span.getBoundingClientRect());
    const whole = flow.appendChild(document.createElement('span'));
    whole.textContent = spans.map((span) => span.textContent).join('');
    const plain = whole.getBoundingClientRect().width;
    whole.remove();
    const width = Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
    return { width, plain, direction: getComputedStyle(flow).direction, lang: (flow as HTMLElement).lang };
  });
}

it('joins letters and marks across tokens, whole or in bytes, and reads from right to left where the text does', async () => {
  const visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
  await visitor.page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
  for (const [name, texts, direction] of [
    ['arabic.json', ['مر', 'ح', 'با'], 'rtl'],
    ['bytes.json', ['مر', '', 'ح', '', 'با'], 'rtl'],
    ['marks.json', ['cafe', '', '\u0301', 's'], 'ltr'],
  ] as const) {
    const seen = await look(visitor, name, texts);
    expect(Math.abs(seen.width - seen.plain), name).toBeLessThan(0.6);
    expect(seen.direction).toBe(direction);
    // Of what language it is nobody knows.
    expect(seen.lang).toBe('');
  }
  // The arrow keys go where they point.
  await look(visitor, 'keys.json', ['مر', 'ح', 'با']);
  await visitor.page.locator('moe-text .t').first().focus();
  await visitor.page.keyboard.press('ArrowLeft');
  expect(await visitor.page.locator('moe-text .t[role=button]').getAttribute('data-at')).toBe('1');
  expect(visitor.errors).toEqual([]);
  await visitor.leave();
});
