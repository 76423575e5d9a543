/** 60 layers of 256 experts and 5,000 tokens: what one more token costs to draw must not grow with the text. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../src/state/session/session.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const TOKENS = 5000;

/** Runs in the page: gives the page a text of random routing, and a way to let it grow. */
function prepare(): void {
  const { session } = document.querySelector('moe-page') as unknown as { session: Session };
  const shape = { layers: 60, experts: 256, expertsPerToken: 8 };
  const { layers, experts, expertsPerToken } = shape;
  const words = [' the', ' fox', ' was', ' a', ' little', ',', ' and', ' went', ' to', ' forest', '.', ' Prince', '\n'];
  void session.writing.stop();
  session.trace.clear(shape);
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const add = (count: number) => {
    const expertIds = new Uint16Array(count * layers * expertsPerToken);
    const gateWeights = new Float32Array(count * layers * expertsPerToken).fill(1 / expertsPerToken);
    const probabilities = new Float32Array(count * layers * experts).fill(0.5 / experts);
    const texts = Array.from({ length: count }, () => words[Math.floor(random() ** 2 * words.length)]);
    for (let row = 0; row < count * layers; row++) {
      const first = Math.floor(random() * experts);
      for (let rank = 0; rank < expertsPerToken; rank++) {
        const expert = (first + rank * 29) % experts;
        expertIds[row * expertsPerToken + rank] = expert;
        probabilities[row * experts + expert] = 1 / (rank + 10);
      }
    }
    session.trace.append({
      position: session.trace.count,
      count,
      promptCount: 0,
      texts,
      ids: texts.map((text) => words.indexOf(text)),
      pending: '',
      expertIds,
      gateWeights,
      probabilities,
      candidates: texts.map(() => [
        { text: words[Math.floor(random() * words.length)], probability: 0.5, drawn: true },
      ]),
    });
  };
  /** A task of its own, after everything that this frame still does: microtasks, painters, layout, painting. */
  const afterFrame = () =>
    new Promise<number>((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now());
      port2.postMessage(0);
    });
  const frame = () => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now())));
  /**
   * One token every other frame. Its cost is what the main thread does in the frame that it comes in, where the elements
   * render, and in the next, where the painters draw.
   */
  const grow = async (tokens: number) => {
    const costs: number[] = [];
    const gaps: number[] = [];
    for (let token = 0; token < tokens; token++) {
      const first = await frame();
      add(1);
      const rendered = await afterFrame();
      const second = await frame();
      const drawn = await afterFrame();
      costs.push(rendered - first + drawn - second);
      gaps.push(second - first);
    }
    return { costs, gaps };
  };
  Object.assign(globalThis, { add, grow });
}

/** Runs in the page: the measures have caught up with the text. */
function counted(): boolean {
  const page = document.querySelector('moe-page') as unknown as { session: Session };
  const find = (root: ParentNode | null | undefined, name: string) => root?.querySelector(name)?.shadowRoot;
  const article = find(document.querySelector('moe-page')?.shadowRoot, 'moe-article');
  const part = find(article, 'moe-part[data-view=measures]');
  const words = find(part, 'routing-measures')?.querySelector('h2')?.textContent ?? '';
  return words.includes(`after ${page.session.trace.count} tokens`);
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

interface Grown {
  readonly costs: number[];
  readonly gaps: number[];
}

describe('a large trace', () => {
  let visitor: Visitor;

  beforeAll(async () => {
    visitor = await Visitor.open({ cpu: true, before: (page) => page.route('**/*.gguf', (route) => route.abort()) });
    await visitor.page.locator('moe-text .t').first().waitFor();
    await visitor.page.evaluate(prepare);
  });
  afterAll(() => visitor.leave());

  it('costs the same for every token, in every view', async () => {
    const { page } = visitor;
    const add = (count: number) =>
      page.evaluate((n) => (globalThis as unknown as { add(n: number): void }).add(n), count);
    const grow = (frames: number) =>
      page.evaluate((n) => (globalThis as unknown as { grow(n: number): Promise<Grown> }).grow(n), frames);
    const count = () =>
      page.evaluate(() => (document.querySelector('moe-page') as unknown as { session: Session }).session.trace.count);
    const views = ['next', 'router', 'layers', 'expert', 'measures'];
    const box = (await visitor.id('wall').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.move(2, 2);
    const measure = async (frames: number) => {
      const found: Record<string, number> = {};
      for (const view of views) {
        await visitor.show(view);
        await grow(2);
        // What was written before the view was opened is counted in slices.
        if (view === 'measures') await page.waitForFunction(counted, null, { timeout: 60_000 });
        const { costs, gaps } = await grow(frames);
        found[view] = median(costs);
        const between = median(gaps);
        const tokens = await count();
        console.log(
          `${tokens} tokens, ${view}: ${found[view].toFixed(1)} ms a token, a frame after ${between.toFixed(1)} ms`,
        );
      }
      return found;
    };
    await add(100);
    await measure(3); // Compiles what all views do.
    const early = await measure(16);
    await add(TOKENS - 100 - (await count()));
    const late = await measure(16);
    for (const view of views) expect(late[view], view).toBeLessThan(2.5 * early[view] + 15);
    expect(visitor.errors).toEqual([]);
  });
});
