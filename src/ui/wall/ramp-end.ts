/**
 * The share at the dark end of the ramp: the largest there is, but at least three times chance. With a handful of tokens
 * every share is large: then the ramp waits until there is something to tell.
 */
export function rampEnd(most: number, tokens: number, oneToken: boolean, chance: number): number {
  const settled = oneToken || tokens > 12;
  return Math.min(1, Math.max(3 * chance, settled ? most : Math.max(0.5, most)));
}
