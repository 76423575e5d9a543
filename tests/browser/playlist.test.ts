import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

interface Inside {
  session: {
    sampling: { get(): Record<string, string>; choose(value: Record<string, string>): void };
    engine: { get(): { phase: string } };
  };
}

describe('a page that nobody touches', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());
  const prompt = () => visitor.id('prompt').inputValue();

  it('goes on with another kind of text and says what changed, until somebody takes over', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.page.locator('moe-page').waitFor({ state: 'attached' });
    // Short texts, without a touch.
    await visitor.page.evaluate(() => {
      const { session } = document.querySelector('moe-page') as unknown as Inside;
      session.sampling.choose({ ...session.sampling.get(), length: '50' });
    });
    await expect.poll(prompt, { timeout: 60_000 }).toMatch(/^La jeune fille/);
    await visitor
      .id('wall-told')
      .filter({
        hasText: /^French now: \d+ of its 12 busiest experts are other ones than before \(by chance 10\.5\)\.$/,
      })
      .waitFor();
    await visitor.page.mouse.click(3, 300);
    await visitor.untilAtRest();
    const text = await visitor.tokens();
    await visitor.page.waitForTimeout(4500);
    expect(await visitor.tokens()).toEqual(text);
    expect(await prompt()).toMatch(/^La jeune fille/);
    expect(visitor.errors).toEqual([]);
  });

  it('plays the recording again while the model is on its way', async () => {
    visitor = await Visitor.open({
      cpu: true,
      before: (page) => page.route('**/*.gguf', () => {}), // Never answered.
    });
    await visitor.untilWritten(100);
    await expect.poll(() => visitor.written(), { timeout: 30_000 }).toBeLessThan(50);
    await visitor.untilWritten(60);
    expect(await visitor.badge()).toBe('recorded');
  });
});
