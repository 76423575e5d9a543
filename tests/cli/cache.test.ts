import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cacheTable, cacheWords } from '../../src/cli/cache.ts';
import { main } from '../../src/cli/moe.ts';
import { simulate } from '../../src/compare/expertCache.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';

const RECORDING = 'public/recordings/default.json';

async function run(...argv: string[]) {
  const [out, err]: string[][] = [[], []];
  const host = { root: '.', out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const code = await main(argv, host as never);
  return { code, out: out.join(''), err: err.join('') };
}

it('tells of a trace what caches of every size would have done with it', async () => {
  const trace = parseTrace(readFileSync(RECORDING, 'utf8'));
  const { code, out } = await run('--cache-of', RECORDING, '--json');
  expect(code).toBe(0);
  const rows = JSON.parse(out);
  expect(rows).toEqual(cacheTable(trace));
  const { held, lru, fetched, hindsight } = rows[2];
  const layers = trace.expertIds[0].map((_, layer) => trace.expertIds.map((token) => token[layer]));
  const counts = layers.map((choices) => simulate(choices, held, 'lru'));
  const [asked, hits] = [counts.reduce((a, b) => a + b.asked, 0), counts.reduce((a, b) => a + b.hits, 0)];
  expect(lru).toBe(hits / asked);
  expect(fetched).toBe((asked - hits) / trace.expertIds.length);
  expect(hindsight).toBeGreaterThanOrEqual(lru);
  // A line for the heads and one for each size.
  expect(cacheWords(rows).trim().split('\n')).toHaveLength(rows.length + 1);
});

it('says in one sentence what it cannot do', async () => {
  const both = await run('--cache-of', RECORDING, '--model', 'x.gguf');
  expect([both.code, both.err]).toEqual([2, expect.stringContaining('not with --model')]);
  const none = await run('--cache-of', 'package.json');
  expect(none.code).toBe(2);
  expect(none.err.trim().split('\n')).toHaveLength(1);
});
