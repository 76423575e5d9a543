/** What is taken away and brought along: the trace out and in again, pictures, figures; hostile files change nothing. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import type { ShareSheet } from '../../src/ui/share/share-sheet.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

describe('taking away and bringing along', () => {
  let visitor: Visitor;
  afterEach(() => visitor.leave());

  /** Clicks a button of the sheet and returns what it saves. */
  const saved = async (name: string): Promise<Buffer> => {
    const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.id(name).click()]);
    return readFileSync(await download.path());
  };
  const share = () => visitor.id('share').click();
  const close = () => visitor.page.getByRole('button', { name: 'Close' }).click();
  const bring = (name: string, content: string | Buffer) =>
    visitor.id('bring').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
  const table = async () => {
    await visitor.page.locator('wall-table summary').click();
    const rows = await visitor.id('wall-table').locator('tbody').innerText();
    await visitor.page.locator('wall-table summary').click();
    return rows;
  };

  it('writes what the page shows, and shows again what it wrote; then the text goes on as if nothing had been', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#prompt=The+fox&seed=5&tokens=30&off=3:3&k=1:4' });
    await visitor.pauseAfter(8);
    const text = await visitor.tokens();
    const loads = await table();
    await share();
    const json = (await saved('save-trace')).toString();
    const csv = (await saved('save-csv')).toString();
    const trace = parseTrace(json);
    expect(trace.tokens.map((token) => token.text)).toEqual(text);
    expect(trace.model.name).toContain('moescope');
    expect(trace.sampling?.seed).toBe(5);
    expect(trace.model.architecture).toBe('qwen3moe');
    expect(trace.expertIds.every((token) => token[1].length === 4 && !token[3].includes(3))).toBe(true);
    // The figures are counts of the trace.
    const rows = csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    expect(rows).toHaveLength(96);
    for (const [layer, expert, assignments, share, chance] of rows) {
      const counted = trace.expertIds.filter((token) => token[layer].includes(expert)).length;
      expect(assignments).toBe(counted);
      expect(share).toBeCloseTo(counted / trace.expertIds.flatMap((token) => token[layer]).length, 5);
      expect(chance).toBeCloseTo(1 / 16, 6);
    }

    // Another text in between, so that what comes back is seen to come from the file.
    const other = {
      ...trace,
      tokens: trace.tokens.slice(0, 4),
      expertIds: trace.expertIds.slice(0, 4),
      promptTokens: 2,
    };
    await bring(
      'short.json',
      JSON.stringify({ ...other, gateWeights: trace.gateWeights.slice(0, 4), probabilities: undefined }),
    );
    await visitor.untilBadge('imported: short.json');
    // Drawn in the frame after.
    await expect.poll(() => visitor.tokens()).toEqual(text.slice(0, 4));
    await share();
    await bring('run.json', json);
    await visitor.untilBadge('imported: run.json');
    await expect.poll(() => visitor.tokens()).toEqual(text);
    await expect.poll(table).toBe(loads);
    expect(await visitor.text('status-imported')).toContain('6 layers × 16 experts');
    await visitor.show('router');

    await visitor.id('leave-import').click();
    await visitor.untilBadge('live (CPU)');
    await expect.poll(() => visitor.tokens()).toEqual(text);
    await expect.poll(table).toBe(loads);
    await visitor.press('Go on');
    await visitor.untilAtRest();
    const whole = (await visitor.tokens()).join('');
    expect(whole.startsWith(text.join(''))).toBe(true);
    expect(await visitor.write('The fox')).toBe(whole);
    expect(visitor.errors).toEqual([]);
  });

  it('saves a recording, which is shown as one without its model', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#prompt=The+fox&seed=5&tokens=9&pace=full' });
    await visitor.untilWritten(8);
    await visitor.untilAtRest();
    const text = await visitor.tokens();
    const loads = await table();
    await share();
    const file = await saved('save-recording');
    expect([...file.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    await bring('fox.json.gz', file);
    await visitor.untilBadge('recorded');
    await expect.poll(() => visitor.tokens()).toEqual(text);
    expect(await table()).toBe(loads);
    expect(await visitor.text('status-imported')).toMatch(
      /Recorded, without its [\d.]+ M weights, of which a token uses/,
    );
    // What was a recording is that file.
    await share();
    expect(await saved('save-recording')).toEqual(file);
    expect(parseTrace((await saved('save-trace')).toString()).tokens.map((token) => token.text)).toEqual(text);
    await close();
    await visitor.id('leave-import').click();
    await visitor.untilBadge('live (CPU)');
    expect(visitor.errors).toEqual([]);
  });

  it('saves how the text was drawn, not what the form says since, and a file as it came', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#prompt=The+fox&seed=5&temperature=0.7&tokens=9&pace=full' });
    await visitor.untilWritten(8);
    await visitor.untilAtRest();
    await visitor.set('seed', '77');
    await visitor.set('temperature', '0');
    await share();
    const live = JSON.parse((await saved('save-trace')).toString());
    expect(live.sampling).toEqual({ temperature: 0.7, topK: 40, topP: 0.95, seed: 5 });
    const { layers, experts } = live.model;
    // Of another program, with all that the format allows and a word of its own.
    const logits = live.tokens.map(() => Array(layers).fill(Array(experts).fill(0.5)));
    const whole = JSON.stringify({ ...live, created: '2024-02-29T12:00:00.000Z', logits, note: 'kept' }, null, 1);
    await bring('whole.json', whole);
    await visitor.untilBadge('imported: whole.json');
    await share();
    expect((await saved('save-trace')).toString()).toBe(whole);
    await close();
    await visitor.id('leave-import').click();
    expect(visitor.errors).toEqual([]);
  });

  it('shows what was brought last, however slow an earlier file is', async () => {
    visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
    const { page } = visitor;
    await page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
    await page.evaluate(async () => {
      const json = await (await fetch('recordings/default.json')).text();
      const file = (name: string, wait: number) => {
        const made = new File([json], name);
        // A drive that takes its time.
        const slice = made.slice.bind(made);
        made.slice = (...asked) => {
          const part = slice(...asked);
          const text = part.text.bind(part);
          const bytes = part.arrayBuffer.bind(part);
          const late = () => new Promise((resolve) => setTimeout(resolve, wait));
          part.text = () => late().then(text);
          part.arrayBuffer = () => late().then(bytes);
          return part;
        };
        return made;
      };
      const drop = (each: File) => {
        const event = new DragEvent('drop', { bubbles: true, cancelable: true });
        Object.defineProperty(event, 'dataTransfer', { value: { files: [each], types: ['Files'], items: [] } });
        dispatchEvent(event);
      };
      drop(file('slow.json', 1500));
      drop(file('quick.json', 0));
    });
    await visitor.untilBadge('imported: quick.json');
    await page.waitForTimeout(4000);
    expect(await visitor.badge()).toBe('imported: quick.json');
    expect(visitor.errors).toEqual([]);
  });

  it('opens and closes the sheet as was asked last, however close the clicks are', async () => {
    visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
    const { page } = visitor;
    await page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
    const isOpen = () => visitor.id('sheet').evaluate((sheet) => (sheet as HTMLDialogElement).open);
    // The first time the sheet's code is still to come, the second time it is there.
    for (const time of [1, 2]) {
      await page.evaluate(async (time) => {
        const header = document.querySelector('moe-page')!.shadowRoot!.querySelector('page-header')!;
        const json = await (await fetch('recordings/default.json')).text();
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([json], `brought-${time}.json`));
        header.shadowRoot!.querySelector<HTMLElement>('[data-testid=share]')!.click();
        dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      }, time);
      await visitor.untilBadge(`imported: brought-${time}.json`);
      await visitor.id('sheet').waitFor({ state: 'attached' });
      expect(await isOpen()).toBe(false);
    }
    for (let turn = 0; turn < 3; turn++) {
      await share();
      await expect.poll(isOpen).toBe(true);
      await page.keyboard.press('Escape');
      await share();
      await expect.poll(isOpen).toBe(true);
      await close();
      await expect.poll(isOpen).toBe(false);
    }
    // Whatever is drawn between Escape and the browser's word of it.
    await share();
    await expect.poll(isOpen).toBe(true);
    await visitor.id('sheet').evaluate(async (dialog) => {
      const frame = () => new Promise(requestAnimationFrame);
      const sheet = (dialog.getRootNode() as ShadowRoot).host as ShareSheet;
      (dialog as HTMLDialogElement).close();
      sheet.requestUpdate();
      await sheet.updateComplete;
      await frame();
      await frame();
    });
    expect(await isOpen()).toBe(false);
    expect(visitor.errors).toEqual([]);
  });

  /** Cells of the wall whose colour in the picture, near their corner, is more than a step of the ramp from that on the page. */
  const offCanvas = (svg: string) =>
    visitor.page.evaluate(async (source) => {
      const wall = document.querySelector('moe-page')!.shadowRoot!.querySelector('expert-wall')!;
      const canvas = wall.shadowRoot!.querySelector('canvas')!;
      const [, left, top] = /<g transform="translate\(([\d.]+) ([\d.]+)\)">/.exec(source)!.map(Number);
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
      await image.decode();
      const drawn = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
      drawn.drawImage(image, 0, 0);
      const shown = canvas.getContext('2d')!;
      const { width, height } = canvas.getBoundingClientRect();
      const ratio = canvas.width / width;
      const off: string[] = [];
      for (let row = 0; row < 6; row++) {
        for (let column = 0; column < 16; column++) {
          const x = Math.round(((column + 0.2) * width) / 16);
          const y = Math.round(22 + ((row + 0.2) * (height - 22)) / 6);
          const a = [...shown.getImageData(x * ratio, y * ratio, 1, 1).data];
          // As far as its weight a cell is filled: that edge may lie here, between two pixels.
          const near = [0, -1, 1].map((by) => [...drawn.getImageData(left + x, top + y + by, 1, 1).data]);
          const within = (value: number, i: number) =>
            value >= Math.min(...near.map((b) => b[i])) - 6 && value <= Math.max(...near.map((b) => b[i])) + 6;
          if (!a.every(within)) off.push(`${row}.${column}: ${a} became ${near[0]}`);
        }
      }
      return off;
    }, svg);

  it('draws the experts of every layer, and of every pair, as shapes and not as images', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#tokens=8&seed=2&pace=full' });
    await visitor.untilWritten(7);
    await visitor.untilAtRest();
    for (const [view, name, shapes] of [
      ['layers', 'Every layer', 6 * 8],
      ['measures', 'Measures', 16 * 15],
    ] as const) {
      await visitor.show(view);
      await visitor.page.locator(`moe-part[data-part="${name}"]`).locator('canvas').waitFor();
      // Pressed where it is: a part that goes out of sight is not drawn.
      await visitor.id('share').evaluate((button) => (button as HTMLElement).click());
      await visitor.id('picture-of').selectOption(name);
      const svg = (await saved('save-svg')).toString();
      expect(svg).not.toContain('<image');
      const drawn = [...svg.matchAll(/<g transform="translate.*?<\/g>/gs)].join('').match(/<rect/g) ?? [];
      expect(drawn.length).toBeGreaterThanOrEqual(shapes);
      await close();
    }
    expect(visitor.errors).toEqual([]);
  });

  it('draws the wall and the panel as SVG and PNG, with a caption that says where they come from', async () => {
    visitor = await Visitor.open({ cpu: true, query: '#tokens=8&seed=2&pace=full' });
    await visitor.untilWritten(7);
    await visitor.untilAtRest();
    await visitor.show('next');
    await share();
    const names = ['Wall', 'Text', 'This token'];
    await expect
      .poll(() => visitor.id('picture-of').locator('option').allTextContents())
      .toEqual(expect.arrayContaining(names));
    for (const name of names) {
      await visitor.id('picture-of').selectOption(name);
      const svg = (await saved('save-svg')).toString();
      expect(svg).toMatch(/^<svg [^>]*viewBox/);
      expect(svg).toMatch(
        /<title>moescope: .*moescope.*, live on .+ \(CPU\), \d{4}-\d\d-\d\d\. \d+ tokens\. Chance: 6\.3\u00a0% /,
      );
      if (name === 'Wall') {
        expect(svg).toMatch(/<text[^>]*>12 of 96<\/text>/);
        expect(svg).not.toContain('<image');
        expect(await offCanvas(svg)).toEqual([]);
      }
      const png = await saved('save-png');
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      // Two dots to a pixel.
      const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number);
      expect(Math.abs(png.readUInt32BE(16) - 2 * width)).toBeLessThanOrEqual(1);
      expect(Math.abs(png.readUInt32BE(20) - 2 * height)).toBeLessThanOrEqual(1);
      expect(png.length).toBeGreaterThan(5000);
    }
    // On a host page whose style sheet is of another origin, and that leaves its paper to the browser.
    const ground = /<rect width="[\d.]+" height="[\d.]+" fill="(#\w+)"/;
    const before = ground.exec((await saved('save-svg')).toString())![1];
    await visitor.page.evaluate(() => {
      Object.defineProperty(document.styleSheets[0], 'cssRules', {
        get: () => {
          throw new DOMException('Cannot access rules', 'SecurityError');
        },
      });
      document.documentElement.style.background = 'none';
    });
    expect(ground.exec((await saved('save-svg')).toString())![1]).toBe(before);
    await close();
    expect(visitor.errors).toEqual([]);
  });

  it('opens what is dropped or pasted, and tells a model from a trace', async () => {
    visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
    const { page } = visitor;
    await visitor.page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
    const json = await page.evaluate(async () => (await fetch('recordings/default.json')).text());
    const drop = (name: string, content: string) =>
      page.evaluate(
        ([name, content]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([content], name));
          dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        },
        [name, content],
      );
    await drop('a.json', json);
    await visitor.untilBadge('imported: a.json');
    await visitor.id('leave-import').click();
    await visitor.untilBadge('recorded');
    await page.evaluate((json) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', json);
      dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, json);
    await visitor.untilBadge('imported: pasted');
    await drop('holiday.jpg', '\xff\xd8\xff\xe0');
    await expect
      .poll(() => visitor.text('notice'))
      .toBe('holiday.jpg is no GGUF model, no moescope trace and no list of scenes.');
    await drop('a.gguf', 'GGUF but no more');
    await visitor
      .id('notice')
      .filter({ hasText: 'truncated' })
      .or(visitor.id('notice').filter({ hasText: 'GGUF' }))
      .waitFor();
    expect(visitor.errors).toEqual([]);
  });

  it('answers every broken trace with one sentence and keeps what stood there', async () => {
    visitor = await Visitor.open({ cpu: true, reducedMotion: 'reduce' });
    const { page } = visitor;
    await page.locator('moe-text .t').nth(20).waitFor({ state: 'attached' });
    await visitor.id('notice').filter({ hasText: 'The model is here' }).waitFor({ timeout: 60_000 });
    const before = await visitor.tokens();
    const good = JSON.parse(await page.evaluate(async () => (await fetch('recordings/default.json')).text()));
    const tell = async (text: string): Promise<string> =>
      page.evaluate(async (text) => {
        const host = document.querySelector('moe-page')!;
        const line = host.shadowRoot!.querySelector('status-line')!;
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([text], 'broken.json'));
        line.shadowRoot!.querySelectorAll('button').forEach((button) => {
          if (button.textContent === 'Understood') button.click();
        });
        dispatchEvent(new ClipboardEvent('paste', { clipboardData, cancelable: true }));
        for (let wait = 0; wait < 200; wait++) {
          await new Promise((done) => setTimeout(done, 10));
          const notice = line.shadowRoot!.querySelector('[data-testid=notice].fault');
          if (notice) return notice.textContent!.replace(/\s+/g, ' ').trim();
          if (line.shadowRoot!.querySelector('[data-testid=leave-import]')) return 'imported';
        }
        return 'nothing was said';
      }, text);
    // One place of a good trace, at random, becomes something else.
    const junk = fc.oneof(
      fc.constant(null),
      fc.constant(-1),
      fc.constant(1e308),
      fc.constant('x'),
      fc.constant([]),
      fc.constant({}),
      fc.constant(65535),
      fc.constant(0.5),
    );
    const places = [
      'format',
      'version',
      'model',
      'model.layers',
      'model.experts',
      'model.expertsPerToken',
      'device',
      'device.kind',
      'created',
      'sampling',
      'promptTokens',
      'tokens',
      'tokens.3',
      'tokens.3.id',
      'tokens.3.text',
      'expertIds',
      'expertIds.2',
      'expertIds.2.1',
      'expertIds.2.1.0',
      'gateWeights',
      'gateWeights.4.0.0',
      'probabilities',
      'probabilities.1.1',
    ];
    const answers = new Set<string>();
    for (const [place, value] of fc.sample(fc.tuple(fc.constantFrom(...places), junk), { numRuns: 60, seed: 7 })) {
      const copy = structuredClone(good);
      const path = place.split('.');
      const parent = path.slice(0, -1).reduce((at, key) => at[key], copy);
      parent[path.at(-1)!] = value;
      const answer = await tell(JSON.stringify(copy));
      // A few changes leave a trace that is still one.
      if (answer === 'imported') await visitor.id('leave-import').click();
      else expect(answer, `${place} = ${JSON.stringify(value)}`).toMatch(/^The trace |^This file |^This trace /);
      answers.add(answer);
    }
    expect(answers.size).toBeGreaterThan(12);
    for (const text of [
      '',
      '{',
      '{"format":"moescope-trace"}',
      '[1]',
      '['.repeat(200_000),
      '{"a":'.repeat(50_000),
      '\0\0\0',
    ]) {
      expect(await tell(text), text.slice(0, 20)).toMatch(/^(This file|The trace|broken\.json) /);
    }
    const wide = { ...good, model: { ...good.model, experts: 65535 }, probabilities: undefined };
    expect(await tell(JSON.stringify(wide))).toMatch(
      /^This trace has 6 layers of 65535 experts; up to 256 of 1024 can be shown\./,
    );
    expect(await visitor.tokens()).toEqual(before);
    expect(visitor.errors).toEqual([]);
  });
});
