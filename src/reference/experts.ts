/** The two halves of the expert FFN in f64, slot by slot. Decode and prefill kernels share these twins. */
import { matmul } from './linear.ts';

/** clamped: gpt-oss's SwiGLU, arXiv:2508.10925. relu, gelu: ReGLU and GeGLU, arXiv:2002.05202, GELU by its tanh. */
export type Activation = 'swiglu' | 'clamped' | 'relu' | 'gelu';

/** Of GELU's tanh, arXiv:1606.08415. */
const [GELU_SLOPE, GELU_CUBE] = [Math.sqrt(2 / Math.PI), 0.044715];

export function activate(activation: Activation, gate: number, up: number): number {
  if (activation === 'relu') return Math.max(gate, 0) * up;
  if (activation === 'gelu')
    return 0.5 * gate * (1 + Math.tanh(GELU_SLOPE * gate * (1 + GELU_CUBE * gate * gate))) * up;
  if (activation === 'swiglu') return (gate / (1 + Math.exp(-gate))) * up;
  const g = Math.min(gate, 7);
  return (g / (1 + Math.exp(-1.702 * g))) * (Math.max(-7, Math.min(7, up)) + 1);
}

/** Matrix of one expert out of a stack of `experts`. */
const expertOf = (stack: Float64Array, experts: number, expert: number) =>
  stack.subarray((stack.length / experts) * expert, (stack.length / experts) * (expert + 1));

/** activated[slot] = silu(gate·h) · (up·h). h: [T, D], ids: [T·K], gate and up: [E, H, D], biases: [E, H] each. */
export function expertUp(
  {
    experts,
    k,
    width,
    activation = 'swiglu',
    biases,
  }: {
    experts: number;
    k: number;
    width: number;
    activation?: Activation;
    biases?: { gate: Float64Array; up: Float64Array };
  },
  h: Float64Array,
  ids: ArrayLike<number>,
  gate: Float64Array,
  up: Float64Array,
): Float64Array {
  const hidden = gate.length / experts / width;
  const activated = new Float64Array(ids.length * hidden);
  for (let slot = 0; slot < ids.length; slot++) {
    const token = Math.floor(slot / k);
    const row = h.subarray(token * width, (token + 1) * width);
    const g = matmul(row, expertOf(gate, experts, ids[slot]), width);
    const u = matmul(row, expertOf(up, experts, ids[slot]), width);
    const added = (of: 'gate' | 'up', i: number) => biases?.[of][ids[slot] * hidden + i] ?? 0;
    activated.set(
      g.map((value, i) => activate(activation, value + added('gate', i), u[i] + added('up', i))),
      slot * hidden,
    );
  }
  return activated;
}

/** y[slot] = down·activated[slot]. activated: [T·K, H], down: [E, D, H]. */
export function expertDown(
  { experts, hidden }: { experts: number; hidden: number },
  activated: Float64Array,
  ids: ArrayLike<number>,
  down: Float64Array,
): Float64Array {
  const rows = Array.from(ids, (id, slot) =>
    matmul(activated.subarray(slot * hidden, (slot + 1) * hidden), expertOf(down, experts, id), hidden),
  );
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

/** x[t] + scale · Σ_j weight_j · y[t·k + j] */
export function combine(
  { k, scale }: { k: number; scale: number },
  x: Float64Array,
  y: Float64Array,
  weights: ArrayLike<number>,
): Float64Array {
  const width = y.length / weights.length;
  return x.map((value, i) => {
    const token = Math.floor(i / width);
    let sum = 0;
    for (let slot = token * k; slot < (token + 1) * k; slot++) sum += weights[slot] * y[slot * width + (i % width)];
    return value + scale * sum;
  });
}
