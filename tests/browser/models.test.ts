import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('the list of models', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  it('opens the dense twin, names what is open, and says that nothing is routed', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    const list = visitor.id('model');
    const named = () => list.evaluate((select: HTMLSelectElement) => select.selectedOptions[0].textContent);
    expect(await named()).toContain('16 experts');
    expect(await visitor.text('count')).toBe('12 of 96 experts');
    await list.selectOption('dense-active');
    await visitor.id('count').filter({ hasText: 'All of the weights' }).waitFor();
    expect(await named()).toContain('dense twin with the same active');
    // It writes at once, and says what it works with: no dash, and nothing to press first.
    await visitor.untilWritten(5);
    expect(await visitor.text('next')).not.toMatch(/[–]/);
    expect(await visitor.page.locator('router-bars .none').innerText()).toMatch(
      /All 4\.6\u00a0million weights worked for this token/,
    );
    expect(await visitor.page.getByText('A dense model has no router').count()).toBe(1);
    await list.selectOption('moe');
    await visitor.id('count').filter({ hasText: 'experts' }).waitFor();
    expect(await named()).toContain('16 experts');
    expect(visitor.errors).toEqual([]);
  });
});
