/** What the first screen offers besides text and wall: the ways past it, its picture elsewhere, a program set as one. */
import { afterEach, describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('the first screen', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  it('can be skipped to the text, and has short names', async () => {
    visitor = await Visitor.open({ cpu: true });
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(3);
    await visitor.page.keyboard.press('Tab');
    expect(await visitor.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent)).toBe(
      'Skip to the text',
    );
    await visitor.page.keyboard.press('Enter');
    expect(
      await visitor.page.evaluate(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.className;
      }),
    ).toMatch(/^t\b/);
    expect((await visitor.id('badge').getAttribute('title'))!.length).toBeLessThan(60);
    const facts = visitor.id('facts');
    expect(await facts.getAttribute('open')).toBeNull();
    await facts.locator('summary').click();
    expect(await facts.innerText()).toContain('21.1\u00a0million weights, 6 layers × 16 experts');
  });

  it('has a picture, icons and colours for where it is shown elsewhere', async () => {
    visitor = await Visitor.open({ cpu: true });
    const head = await visitor.page.evaluate(async () => {
      const of = (selector: string, name: string) =>
        [...document.head.querySelectorAll(selector)].map((each) => each.getAttribute(name)!);
      const manifest = await (await fetch(of('link[rel=manifest]', 'href')[0])).json();
      const pictures = [
        ...of('meta[property="og:image"], meta[name="twitter:image"]', 'content'),
        ...of('link[rel~=icon], link[rel=apple-touch-icon]', 'href'),
        ...manifest.icons.map(({ src }: { src: string }) => src),
      ];
      const sizes = await Promise.all(
        pictures.map(async (src) => {
          const picture = new Image();
          picture.src = src;
          await picture.decode();
          return picture.naturalWidth;
        }),
      );
      return { pictures, sizes, colours: of('meta[name=theme-color]', 'content') };
    });
    expect(head.pictures).toHaveLength(8);
    expect(head.sizes.every((width) => width > 0)).toBe(true);
    expect(head.pictures).toEqual(expect.arrayContaining(['./og/story.jpg', './touch-icon.png', './icon-512.png']));
    expect(head.colours).toHaveLength(2);
    await visitor.id('theme').click();
    await expect
      .poll(() =>
        visitor.page.evaluate(() =>
          [...document.querySelectorAll('meta[name=theme-color]')].map((meta) => meta.getAttribute('content')),
        ),
      )
      .toEqual(['#0e1117', '#0e1117']);
  });

  it('has the interventions within reach of a thumb', async () => {
    visitor = await Visitor.open({
      cpu: true,
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await visitor.untilBadge('live (CPU)');
    await visitor.untilWritten(3);
    expect(await visitor.inReach('intervene-here')).toBe(true);
    const beyond = ({ scrollWidth, clientWidth }: Element) => scrollWidth - clientWidth;
    expect(await visitor.id('intervene-here').evaluate(beyond)).toBe(0);
    expect(await visitor.page.locator('transport-bar').evaluate(beyond)).toBe(0);
    expect(await visitor.text('wall-told')).not.toContain('Click');
    await visitor.id('send').waitFor();
    expect(await visitor.page.locator('prompt-form .keys').isHidden()).toBe(true);
    await visitor.id('intervene-here').tap();
    const part = visitor.page.locator('[data-testid=panel][data-view=effect]');
    await part.locator('intervention-editor').waitFor();
    await expect.poll(async () => (await part.boundingBox())!.y).toBeLessThan(740 / 2);
  });

  it('sets a program in one width, with its indentation', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#tokens=4&pace=full&write=1' });
    await visitor.untilWritten(3);
    await visitor.untilAtRest();
    const flow = visitor.page.locator('moe-text .flow');
    const face = () => flow.evaluate((node) => getComputedStyle(node).fontFamily);
    expect(await face()).not.toContain('monospace');
    // Long enough for several blocks of text, each beginning with an indented line.
    const line = '  const value = first(second, third);\n';
    await visitor.write(`function all() {\n${line.repeat(40)}`);
    expect(await face()).toContain('monospace');
    expect(await visitor.page.locator('moe-text .block').count()).toBeGreaterThan(2);
    // Every “const” stands as far from the edge as the first.
    const places = await visitor.page
      .locator('moe-text .t')
      .evaluateAll((spans) =>
        spans
          .filter((span) => span.textContent!.trim() === 'const')
          .map((span) => Math.round(span.querySelector('b')!.getBoundingClientRect().left)),
      );
    expect(places.length).toBeGreaterThan(10);
    expect(new Set(places).size).toBe(1);
  });
});
