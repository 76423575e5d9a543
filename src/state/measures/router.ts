/** What one router's softmax p over E experts says about one token. */

/**
 * Selection margin p(k) − p(k+1) of the sorted probabilities: how near the runner-up was to being chosen. 0 is a tie;
 * with k = E nobody was left out, and the margin is p(E).
 */
export function selectionMargin(probabilities: ArrayLike<number>, k: number): number {
  if (k < 1) return 0;
  // The k + 1 largest, most first.
  const top: number[] = [];
  for (let e = 0; e < probabilities.length; e++) {
    const p = probabilities[e];
    if (top.length > k && p <= top[k]) continue;
    let at = top.length;
    while (at > 0 && top[at - 1] < p) at--;
    top.splice(at, 0, p);
    if (top.length > k + 1) top.length = k + 1;
  }
  return top[k - 1] - (top[k] ?? 0);
}

/** Router entropy H(p)/ln E of one token: 1 when undecided, 0 when certain or alone. Not the entropy of the load. */
export function routerEntropy(probabilities: ArrayLike<number>): number {
  const { length } = probabilities;
  if (length < 2) return 0;
  let nats = 0;
  for (let e = 0; e < length; e++) if (probabilities[e] > 0) nats -= probabilities[e] * Math.log(probabilities[e]);
  return nats / Math.log(length);
}
