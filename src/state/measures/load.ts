/** How evenly a layer's experts are used, from n[e]: how often expert e was chosen. */

/** Load entropy H(n/Σn)/ln E: 1 when all are used alike, 0 when one takes everything. */
export function loadEntropy(load: ArrayLike<number>): number {
  const { length } = load;
  let sum = 0;
  for (let e = 0; e < length; e++) sum += load[e];
  if (length < 2 || sum === 0) return 0;
  let nats = 0;
  for (let e = 0; e < length; e++) if (load[e]) nats -= (load[e] / sum) * Math.log(load[e] / sum);
  return nats / Math.log(length);
}
