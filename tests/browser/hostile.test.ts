/** Files and links that mean harm, or are damaged: one sentence, a page that stays free, and what stood there stays. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { hangTrace, largeTrace } from '../hostileTraces.ts';
import { serveFolder } from './hosts.ts';
import { mainThreadTasks } from './mainThread.ts';
import { useBrowser, type Visit, Visitor } from './visitor.ts';

useBrowser();

const files = mkdtempSync(join(tmpdir(), 'moescope-hostile-'));
afterAll(() => rmSync(files, { recursive: true, force: true }));

describe('hostile input', () => {
  let visitor: Visitor;
  afterEach(async () => {
    expect(visitor.errors).toEqual([]);
    await visitor.leave();
  });
  const visit = async (options: Visit = {}) => {
    visitor = await Visitor.open({ cpu: true, ...options });
  };
  const notice = (words: string) => visitor.id('notice').filter({ hasText: words }).waitFor();
  /** As a file of its own: what the driver hands over as bytes is made a file on the page's thread. */
  const bring = (name: string, content: string) => {
    writeFileSync(join(files, name), content);
    return visitor.id('bring').setInputFiles(join(files, name));
  };
  /** The processor milliseconds of the longest task of the page's thread while `act` went on. */
  async function longest(act: () => Promise<unknown>): Promise<number> {
    const tasks = await mainThreadTasks(visitor.page, act);
    expect(tasks.length).toBeGreaterThan(0);
    return Math.max(...tasks);
  }

  it('refuses the trace that froze the page, in the worker', async () => {
    await visit({ query: '#prompt=The+fox&tokens=4&pace=full' });
    await visitor.untilWritten(3);
    await visitor.untilAtRest();
    const text = await visitor.tokens();
    await visitor.id('share').click();
    const held = await longest(async () => {
      await bring('hang.json', hangTrace());
      await notice('65535 layers of 2 experts; up to 256 of 1024');
    });
    // 24 s before; tests/slow measures what is left of it.
    expect(held).toBeLessThan(2000);
    expect(await visitor.tokens()).toEqual(text);
  });

  it('reads a large trace piece by piece, and stops when it is asked to', async () => {
    await visit({ query: '#tokens=2' });
    await visitor.untilBadge('live (CPU)');
    await visitor.untilAtRest();
    await visitor.id('share').click();
    const large = largeTrace({ tokens: 3000, layers: 48, experts: 64, expertsPerToken: 8 });
    await bring('large.json', large);
    await visitor.id('reading').filter({ hasText: 'Reading large.json' }).waitFor();
    await visitor.id('cancel-reading').click();
    await visitor.id('reading').waitFor({ state: 'detached' });
    await visitor.untilBadge('live (CPU)');
    const held = await longest(async () => {
      await visitor.id('share').click();
      await bring('large.json', large);
      await visitor.untilBadge('imported: large.json');
      await visitor.untilWritten(2000);
    });
    expect(held).toBeLessThan(2000);
    await visitor.id('leave-import').click();
    await visitor.untilBadge('live (CPU)');
  });

  it('fetches no list of scenes from outside of its folder', async () => {
    const folder = await serveFolder();
    const asked: string[] = [];
    await visit({
      at: `${folder.url}#scenes=models/../../x.json`,
      before: async (page) => page.on('request', (request) => asked.push(request.url())),
    });
    await notice('lies outside of this page’s folder');
    expect(asked.filter((url) => url.endsWith('/x.json'))).toEqual([]);
    await folder.close();
  });

  it.each(['{"tokens":[{"id":1}]}', '{}', '[', 'null'])('plays no recording %s, and goes on live', async (body) => {
    await visit({
      before: (page) =>
        page.route('**/recordings/default.json', (route) => route.fulfill({ body, contentType: 'application/json' })),
    });
    await visitor.untilBadge('live (CPU)');
  });

  it.each([
    ['{"default":"moe","models":{"length":3}}', 'models must be a list'],
    ['{"default":"moe","models":[{"id":"moe"}]}', 'models[0].file must be a path below models/'],
    ['[', 'it is not JSON'],
  ])('says of the list of models %s in one sentence that it is damaged', async (body, words) => {
    await visit({
      before: (page) =>
        page.route('**/models/index.json', (route) => route.fulfill({ body, contentType: 'application/json' })),
    });
    await notice(words);
    expect(await visitor.text('notice')).toMatch(
      /models\/index\.json” is damaged: [^.]+\.$|models\/index\.json”, is damaged: .+\.$/,
    );
    await visitor.untilBadge('recorded');
    await visitor.page.getByRole('button', { name: 'Try again' }).first().waitFor();
  });
});
