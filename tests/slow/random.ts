/** Chance that can be had again: every run of the slow suite prints its seed. */
import { randomSource } from '../model/randomModel.ts';

export class Chance {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = randomSource(seed);
  }

  /** A whole number from 0 to `below` − 1. */
  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  of<T>(list: readonly T[]): T {
    return list[this.whole(list.length)];
  }
}

export interface Suite {
  readonly name: string;
  readonly count: number;
  /** Milliseconds that a single case may take; 5 s where nothing is said. */
  readonly most?: number;
  /** One case: what is wrong with what came of it, or null. */
  readonly run: (chance: Chance, number: number) => string | null | Promise<string | null>;
}

/** Milliseconds that a single case may take on a machine that has something else to do as well. */
const MOST_MILLISECONDS = 5000;

/** Runs all cases of a suite and prints what came of them; the number of failures. */
export async function runSuite({ name, count, most = MOST_MILLISECONDS, run }: Suite, seed: number): Promise<number> {
  const begun = performance.now();
  const kinds = new Map<string, number>();
  let failures = 0;
  let slowest = 0;
  for (let number = 0; number < count; number++) {
    const start = performance.now();
    let wrong: string | null;
    try {
      wrong = await run(new Chance(seed + number), number);
    } catch (error) {
      wrong = `threw ${(error as Error).stack?.split('\n').slice(0, 3).join(' ') ?? error}`;
    }
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (took > most) wrong ??= `took ${Math.round(took)} ms`;
    if (wrong === null) continue;
    failures++;
    const kind = wrong.slice(0, 300);
    if (!kinds.has(kind) && kinds.size < 20) console.log(`  case ${number} (seed ${seed + number}): ${kind}`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `${name}: ${count} cases from seed ${seed}, ${failures} failures, slowest ${slowest.toFixed(0)} ms, ${seconds} s`,
  );
  return failures;
}
