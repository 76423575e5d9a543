/** −ln softmax(logits)[target] of every row, in f64. logits: [T, V]. */
export function tokenLoss(logits: Float64Array, targets: ArrayLike<number>): Float64Array {
  const vocabulary = logits.length / targets.length;
  return Float64Array.from(targets, (target, t) => {
    const row = logits.subarray(t * vocabulary, (t + 1) * vocabulary);
    const highest = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
    return Math.log(total) + highest - row[target];
  });
}
