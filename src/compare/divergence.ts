/** How far one prediction is from another. */

/** ln softmax, in f64: x_i − max − ln Σ exp(x_j − max). */
function logSoftmax(logits: ArrayLike<number>): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i]);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i] - highest);
  const shift = highest + Math.log(total);
  return Float64Array.from(logits, (logit) => logit - shift);
}

/**
 * KL(P ‖ Q) = Σ_i p_i · (ln p_i − ln q_i) in nats, with P and Q the softmax of the logits, over the whole vocabulary, in
 * f64. Never below 0; 0 only where P = Q.
 */
export function klDivergence(p: ArrayLike<number>, q: ArrayLike<number>): number {
  if (p.length !== q.length) throw new RangeError(`${p.length} logits against ${q.length}.`);
  const [logP, logQ] = [logSoftmax(p), logSoftmax(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const mass = Math.exp(logP[i]);
    if (mass > 0) sum += mass * (logP[i] - logQ[i]);
  }
  return Math.max(0, sum);
}
