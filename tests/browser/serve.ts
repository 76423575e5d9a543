/** Serves the built page for the tests, under the policy of docs/hosting.md; builds it first when it is not there. */
import { existsSync } from 'node:fs';
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { pagePolicy } from './policies.ts';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
  }
}

export default async function serve(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const elsewhere = process.env.MOESCOPE_URL;
  if (elsewhere) {
    project.provide('url', elsewhere);
    return undefined;
  }
  if (!existsSync('dist/index.html')) await build({ logLevel: 'warn' });
  const headers = { 'Content-Security-Policy': pagePolicy() };
  const server = await preview({ preview: { port: 0, host: '127.0.0.1', headers }, logLevel: 'warn' });
  project.provide('url', server.resolvedUrls!.local[0]);
  return () => server.close();
}
