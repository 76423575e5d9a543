/** The memory that the worst traces take while they are read, beside their own size. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Suite } from './random.ts';
import { taken, WORST } from './traces.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is looked at comes and goes with the collector itself. */
const NOISE = 8e6;
const MOST_TIMES = 10;

function held(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const kinds = Object.keys(WORST);

export const memory: Suite = {
  name: 'memory of the worst traces',
  count: kinds.length,
  // The collector runs again and again.
  most: 120_000,
  run: (_, number) => {
    const kind = kinds[number];
    const text = WORST[kind]();
    const before = held() - text.length;
    let most = 0;
    let looked = performance.now();
    const wrong = taken(text, () => {
      if (performance.now() - looked < 100) return;
      most = Math.max(most, held() - before);
      looked = performance.now();
    });
    most = Math.max(most, held() - before);
    const times = most / text.length;
    console.log(`  ${kind}: ${(text.length / 1e6).toFixed(2)} MB, ${times.toFixed(1)} times that in memory`);
    if (wrong) return `${kind}: ${wrong}`;
    return most > MOST_TIMES * text.length + NOISE ? `${kind} takes ${times.toFixed(1)} times its size` : null;
  },
};
