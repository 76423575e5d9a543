/** Tiny random models in the place of the shipped ones, so that a software adapter has done with them in seconds. */
import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { Heldout } from '../../src/compare/heldout.ts';
import { randomModel } from '../model/randomModel.ts';

const sequence = (from: number, length: number) => Array.from({ length }, (_, i) => 97 + ((from + 7 * i) % 24));

export const HELDOUT: Heldout = {
  domains: [
    { name: 'story', title: 'Stories', ids: [sequence(1, 20), sequence(2, 12)] },
    { name: 'code', title: 'Code', ids: [sequence(5, 16)] },
  ],
};

const entry = (id: string, bytes: Uint8Array, role: string, tokensSeen: number) => ({
  ...{ id, file: `${id}.gguf`, bytes: bytes.length, title: id, role, tokensSeen, card: `${id}.card.json` },
  sha256: createHash('sha256').update(bytes).digest('hex'),
  parameters: { total: 100_000, active: 50_000 },
});

/** Room for the page's own prompt, which is bytes to them. */
const contextLength = 512;

export const FILES: Readonly<Record<string, Uint8Array>> = {
  moe: randomModel('qwen3moe', { contextLength }),
  'dense-active': randomModel('qwen3', { contextLength, expertHidden: 64 }),
  'dense-total': randomModel('qwen3', { contextLength, expertHidden: 256, seed: 3 }),
};

/** The dense model of the same total size has seen an eighth of what the others have. */
export async function serveTiny(page: Page): Promise<void> {
  const models = [
    entry('moe', FILES.moe, 'moe', 8000),
    entry('dense-active', FILES['dense-active'], 'dense-active', 8000),
    entry('dense-total', FILES['dense-total'], 'dense-total', 1000),
  ];
  await page.route('**/models/index.json', (route) => route.fulfill({ json: { default: 'moe', models } }));
  await page.route('**/models/heldout.json', (route) => route.fulfill({ json: HELDOUT }));
  await page.route('**/models/*.gguf', (route) => {
    const id = route
      .request()
      .url()
      .match(/([\w-]+)\.gguf/)![1];
    return route.fulfill({ body: Buffer.from(FILES[id]), contentType: 'application/octet-stream' });
  });
}
