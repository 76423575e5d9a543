/** Consecutive repetition: how often a token goes where the token before it went. Mixtral (2401.04088), table 5. */

/** Whether two choices have an expert in common. */
export function sharesAny(a: readonly number[], b: readonly number[]): boolean {
  return a.some((expert) => b.includes(expert));
}

/**
 * 1 − C(E − a, b)/C(E, b): the chance that b of E experts, taken blindly, meet a given a of them. For a = b = k, by
 * chance two neighbours share an expert: 46.4 % for 2 of 8, 67.9 % for 8 of 64. The top-1 repeats with chance 1/E.
 */
export function sharesAnyByChance(experts: number, a: number, b = a): number {
  let none = 1;
  for (let i = 0; i < b; i++) none *= Math.max(0, experts - a - i) / (experts - i);
  return 1 - none;
}
