/** How far two sets of logits [T, V] are apart. */

/** √(Σ (a − b)² / Σ b²) */
export function relativeRms(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

/** The two largest of one row: their ids, and how far apart their logits are. */
export function topTwo(row: Float32Array): {
  readonly first: number;
  readonly second: number;
  readonly margin: number;
} {
  let first = row[1] > row[0] ? 1 : 0;
  let second = 1 - first;
  for (let i = 2; i < row.length; i++) {
    if (row[i] > row[first]) [first, second] = [i, first];
    else if (row[i] > row[second]) second = i;
  }
  return { first, second, margin: row[first] - row[second] };
}

function logSum(row: Float32Array): number {
  const largest = row.reduce((a, b) => Math.max(a, b));
  return largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

/** KL(p ‖ q) in nats of one row's softmax. */
export function divergence(p: Float32Array, q: Float32Array): number {
  const [zp, zq] = [logSum(p), logSum(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.exp(p[i] - zp) * (p[i] - zp - q[i] + zq);
  return sum;
}

export const rowsOf = (logits: Float32Array, vocabulary: number): Float32Array[] =>
  Array.from({ length: logits.length / vocabulary }, (_, t) => logits.subarray(t * vocabulary, (t + 1) * vocabulary));

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Lines up rows of cells for the console. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toPrecision(3) : cell)));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
