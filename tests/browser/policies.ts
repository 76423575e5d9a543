/** The Content-Security-Policies of the docs, read from there, so that what is promised is what is tested. */
import { readFileSync } from 'node:fs';

function read(file: string, pattern: RegExp): string {
  const found = readFileSync(file, 'utf8').match(pattern)?.[1];
  if (!found) throw new Error(`${file} gives no Content-Security-Policy any more`);
  return found.replace(/\s+/g, ' ').trim();
}

/** For the page. */
export const pagePolicy = (): string => read('docs/hosting.md', /```\n(default-src [^`]+)```/);

/** For embed.html. */
export const framePolicy = (): string => read('docs/embedding.md', /`embed\.html` itself: `([^`]+)`/);
