/** How evenly a layer's experts are used, from n[e]: how many tokens chose expert e. [E] */

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let e = 0; e < values.length; e++) sum += values[e];
  return sum;
}

/** Load entropy H(n/Σn)/ln E: 1 when all are used alike, 0 when one takes everything. ST-MoE (2202.08906), table 14, in nats. */
export function loadEntropy(load: ArrayLike<number>): number {
  const sum = sumOf(load);
  if (load.length < 2 || sum === 0) return 0;
  let nats = 0;
  for (let e = 0; e < load.length; e++) if (load[e]) nats -= (load[e] / sum) * Math.log(load[e] / sum);
  return nats / Math.log(load.length);
}

/** Coefficient of variation std(n)/mean(n), with the standard deviation of the whole layer: 0 when even. Shazeer et al. (1701.06538). */
export function coefficientOfVariation(load: ArrayLike<number>): number {
  const mean = sumOf(load) / load.length;
  if (!mean) return 0;
  let squares = 0;
  for (let e = 0; e < load.length; e++) squares += (load[e] - mean) ** 2;
  return Math.sqrt(squares / load.length) / mean;
}

/**
 * √E[CV²]: what the coefficient of variation is when each token takes its k of E experts blindly; √((E − k)/(k·T)) for T
 * tokens of equal k. From Var(n[e]) = Σ (k/E)·(1 − k/E).
 * @param chosen Σ k over the tokens
 * @param squares Σ k²
 */
export function coefficientByChance(experts: number, chosen: number, squares: number): number {
  return chosen ? Math.sqrt(experts * chosen - squares) / chosen : 0;
}

/** MaxVio (max n − mean n)/mean n: 0 when even, 1 when one expert has twice its part. Loss-Free Balancing (2408.15664), eq. 4. */
export function maxViolation(load: ArrayLike<number>): number {
  const mean = sumOf(load) / load.length;
  if (!mean) return 0;
  let most = 0;
  for (let e = 0; e < load.length; e++) most = Math.max(most, load[e]);
  return most / mean - 1;
}

/**
 * Load-balance loss E·Σ f[e]·P[e], f[e] = n[e]/Σn (the share of assignments, which sums to 1, as in Switch, 2101.03961) and
 * P[e] the mean router probability: 1 when either is even. With f as a share of tokens (OLMoE) it would be k times this.
 */
export function loadBalanceLoss(load: ArrayLike<number>, probabilitySums: ArrayLike<number>, tokens: number): number {
  const sum = sumOf(load);
  if (!sum || !tokens) return 0;
  let product = 0;
  for (let e = 0; e < load.length; e++) product += (load[e] / sum) * (probabilitySums[e] / tokens);
  return load.length * product;
}

/** Share of a layer's experts with n[e] = 0. */
export function untouchedShare(load: ArrayLike<number>): number {
  let untouched = 0;
  for (let e = 0; e < load.length; e++) if (!load[e]) untouched++;
  return untouched / load.length;
}
