/**
 * What a cache of experts would have done with a text: each layer keeps the weights of a few experts, a token's experts must
 * all be there together, and one that is not is fetched in place of another. One token at a time, from an empty cache.
 */

export const POLICIES = ['lru', 'lfu', 'favourites', 'hindsight'] as const;
/**
 * Who gives way: the least recently used; the least often used so far; the least used of the whole text, which nobody knows
 * beforehand; or whoever is used again latest, the optimum in hindsight (Belady 1966).
 */
export type Policy = (typeof POLICIES)[number];

/** A layer's choices: the experts of each token. */
export type Choices = readonly (readonly number[])[];

export interface CacheCount {
  /** Experts asked for, and how many of them were there. */
  readonly asked: number;
  readonly hits: number;
}

/**
 * One layer.
 * @param held experts that the cache holds, at least as many as any token takes
 * @throws RangeError where a token takes more
 */
export function simulate(choices: Choices, held: number, policy: Policy): CacheCount {
  const here = new Set<number>();
  const used = new Map<number, number>();
  const last = new Map<number, number>();
  const totals = new Map<number, number>();
  for (const each of choices) for (const expert of each) totals.set(expert, (totals.get(expert) ?? 0) + 1);
  const next = nextUses(choices);
  /** The smallest gives way. */
  const worth: Record<Policy, (expert: number, t: number) => number> = {
    lru: (expert) => last.get(expert)!,
    lfu: (expert) => used.get(expert)!,
    favourites: (expert) => totals.get(expert)!,
    hindsight: (expert, t) => -next(expert, t),
  };
  let [asked, hits] = [0, 0];
  for (const [t, wanted] of choices.entries()) {
    if (wanted.length > held) throw new RangeError(`A token takes ${wanted.length} experts, and ${held} are held.`);
    const missing = wanted.filter((expert) => !here.has(expert));
    asked += wanted.length;
    hits += wanted.length - missing.length;
    for (const expert of missing) {
      if (here.size >= held) {
        const of = worth[policy];
        let [least, value] = [-1, 0];
        for (const each of here) {
          if (wanted.includes(each)) continue;
          const mine = of(each, t);
          // Of equals the least recently used, then the first by number, so that the answer is one.
          const before = least < 0 ? -1 : mine - value || last.get(each)! - last.get(least)! || each - least;
          if (before < 0) [least, value] = [each, mine];
        }
        here.delete(least);
      }
      here.add(expert);
    }
    for (const expert of wanted) {
      used.set(expert, (used.get(expert) ?? 0) + 1);
      last.set(expert, t);
    }
  }
  return { asked, hits };
}

/** When an expert is used after token t; later than all for one that never is. */
function nextUses(choices: Choices): (expert: number, t: number) => number {
  const uses = new Map<number, number[]>();
  for (const [t, wanted] of choices.entries())
    for (const expert of wanted) {
      const list = uses.get(expert);
      if (list) list.push(t);
      else uses.set(expert, [t]);
    }
  return (expert, t) => {
    const list = uses.get(expert)!;
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] > t) high = middle;
      else low = middle + 1;
    }
    return list[low] ?? Number.POSITIVE_INFINITY;
  };
}

/** All layers. `layers[l][t]`: the experts of token t in layer l. */
export function simulateAll(layers: readonly Choices[], held: number, policy: Policy): CacheCount {
  const counts = layers.map((choices) => simulate(choices, held, policy));
  return {
    asked: counts.reduce((sum, { asked }) => sum + asked, 0),
    hits: counts.reduce((sum, { hits }) => sum + hits, 0),
  };
}

export interface GuessCount {
  /** Experts that were guessed, how many of those were asked for, and how many were asked for in all. */
  readonly guessed: number;
  readonly right: number;
  readonly asked: number;
}

/** One layer, where each token is guessed to ask for what the `last` tokens before it asked for, all of them together. */
export function guessByLast(choices: Choices, last: number): GuessCount {
  let [guessed, right, asked] = [0, 0, 0];
  for (let t = last; t < choices.length; t++) {
    const guess = new Set(choices.slice(t - last, t).flat());
    guessed += guess.size;
    right += choices[t].filter((expert) => guess.has(expert)).length;
    asked += choices[t].length;
  }
  return { guessed, right, asked };
}

/**
 * Different experts of a layer that a step of N tokens asks for, where the text is cut into N parts and a step takes a token of
 * each: the mean over steps and layers; null for a text too short for that.
 */
export function touchedTogether(layers: readonly Choices[], parts: number): number | null {
  const steps = Math.floor((layers[0]?.length ?? 0) / parts);
  if (steps === 0) return null;
  let sum = 0;
  for (const choices of layers)
    for (let step = 0; step < steps; step++) {
      const together = Array.from({ length: parts }, (_, part) => choices[part * steps + step]);
      sum += new Set(together.flat()).size;
    }
  return sum / (steps * layers.length);
}

/** From as few as a token needs to all of a layer. */
export function sizesOf(layers: readonly Choices[], experts: number): number[] {
  const least = Math.max(1, ...layers.flatMap((choices) => choices.map((wanted) => wanted.length)));
  const sizes = new Set<number>([least, experts]);
  for (let share = 1; share < 8; share++) sizes.add(Math.max(least, Math.round((share * experts) / 8)));
  return [...sizes].sort((a, b) => a - b);
}

/** Share of hits where every token draws its experts at random: whoever is held, it is held/E, once the cache is full. */
export const byChance = (held: number, experts: number): number => Math.min(1, held / experts);
