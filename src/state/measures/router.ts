/** What one router's softmax p over E experts says about one token. */

/**
 * Selection margin p(k) − p(k+1) of the sorted probabilities: how near the runner-up was to being chosen. 0 is a tie;
 * with k = E nobody was left out, and the margin is p(E).
 */
export function selectionMargin(probabilities: ArrayLike<number>, k: number): number {
  if (k < 1) return 0;
  const top: number[] = [];
  for (let e = 0; e < probabilities.length; e++) {
    const p = probabilities[e];
    if (top.length > k && p <= top[k]) continue;
    let at = Math.min(top.length, k + 1);
    while (at > 0 && top[at - 1] < p) at--;
    top.splice(at, 0, p);
    if (top.length > k + 1) top.length = k + 1;
  }
  return top[k - 1] - (top[k] ?? 0);
}
