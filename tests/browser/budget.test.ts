/** How much code the built page brings, compressed as a server would: for its first paint, and in all. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const DIST = 'dist';
const KB = 1024;

const zipped = (path: string) => gzipSync(readFileSync(join(DIST, path)), { level: 9 }).length;
const sum = (paths: readonly string[]) => paths.reduce((total, path) => total + zipped(path), 0);

/** Scripts and style sheets that the page loads before anything is drawn. */
function first(page: string): string[] {
  const html = readFileSync(join(DIST, page), 'utf8');
  return [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
}

describe('the built page', () => {
  it('brings at most 60 KB of code for its first paint', () => {
    const paths = first('index.html');
    expect(paths.length).toBeGreaterThan(2);
    const bytes = sum(['index.html', ...paths]);
    console.log(`first paint: ${(bytes / KB).toFixed(1)} KB of code, gzipped`);
    expect(bytes).toBeLessThanOrEqual(60 * KB);
  });

  it('brings at most 250 KB to who opens it, models apart, and the rest as it is read', async () => {
    const asked = new Set<string>();
    const visitor = await Visitor.open({
      before: async (page) => {
        page.on('request', (request) => asked.add(new URL(request.url()).pathname.replace(/^\//, '')));
      },
    });
    await visitor.untilBadge('live');
    await visitor.page.locator('moe-article').waitFor();
    await visitor.page.waitForLoadState('networkidle');
    const code = () => [...asked].filter((path) => /^assets\/.*\.(js|css)$/.test(path));
    expect(code().length).toBeGreaterThan(10);
    const bytes = sum(['index.html', ...code()]);
    console.log(`start page: ${(bytes / KB).toFixed(1)} KB of code in ${code().length} files, gzipped`);
    expect(bytes).toBeLessThanOrEqual(250 * KB);
    const parts = await visitor.page
      .locator('moe-part')
      .evaluateAll((all) => all.map((part) => (part as HTMLElement).dataset.part!));
    for (const part of parts) await visitor.show(part);
    await visitor.page.waitForLoadState('networkidle');
    await visitor.leave();
    const all = sum(['index.html', ...code()]);
    console.log(`read to the end: ${(all / KB).toFixed(1)} KB of code in ${code().length} files, gzipped`);
    expect(all).toBeLessThanOrEqual(330 * KB);
  });

  it('has no more than 430 KB in all, what loads on demand included', () => {
    const code = readdirSync(join(DIST, 'assets')).filter((name) => /\.(js|css)$/.test(name));
    const bytes = sum(['index.html', ...code.map((name) => `assets/${name}`)]);
    console.log(`all of the page: ${(bytes / KB).toFixed(1)} KB of code, gzipped`);
    expect(bytes).toBeLessThanOrEqual(430 * KB);
  });

  it('names every file of code after what is in it', () => {
    const names = readdirSync(join(DIST, 'assets'));
    expect(names.filter((name) => !/-[\w-]{8}\.(js|css|woff2)$/.test(name))).toEqual([]);
  });
});
