/** The MoE block: router, the chosen experts' SwiGLU, and their sum in a fixed order per token. All in float64. */
import type { ModelConfig } from '../../model/types.ts';
import { activate } from '../../reference/experts.ts';
import { NO_EXPERT, type RouterControl, type Routing, route } from '../../reference/route.ts';
import { addRow, rmsNorm } from './attention.ts';
import { linear } from './linear.ts';
import type { CpuLayer, ExpertBiases } from './weights.ts';

/**
 * Norm and router for T tokens x [T, D], or the router alone where it reads what comes into its layer. The choice itself is the kernels' f64 twin: one definition for both engines.
 * A dense model's only expert is always chosen, with weight 1.
 */
export function routeTokens(
  x: Float64Array,
  layer: CpuLayer,
  config: ModelConfig,
  { slots, control, position }: { slots: number; control: RouterControl; position: number },
): Routing {
  const { width, experts, normaliseGates, rule, normEpsilon: epsilon } = config;
  if (layer.router) {
    if (layer.routerBias) control = biased(control, layer.routerBias);
    const own = { ...(rule && { rule }), ...(layer.selection && { selection: layer.selection }) };
    const shape = { width, experts, slots, normaliseGates, ...own };
    const asIs = config.routesEarly || layer.ffnNormBias !== null;
    const norm = layer.routerNorm ?? layer.ffnNorm;
    if (!asIs) return route({ ...shape, epsilon }, control, x, norm, layer.router, position);
    const read = config.routesEarly ? x : normed(x, layer, config);
    // As it is: no norm, and weights of 1 in its place.
    const ones = new Float64Array(width).fill(1);
    return route({ ...shape, epsilon: null }, control, read, ones, layer.router, position);
  }
  const tokens = x.length / width;
  const h = normed(x, layer, config);
  const ones = new Float64Array(tokens).fill(1);
  return { h, ids: new Uint32Array(tokens), weights: ones, probabilities: ones };
}

/** The same choice, for experts that read x after attention, normed by their own weights. */
export function withNormed(routing: Routing, x: Float64Array, layer: CpuLayer, config: ModelConfig): Routing {
  return { ...routing, h: normed(x, layer, config) };
}

/** What the FFN reads. */
function normed(x: Float64Array, layer: CpuLayer, { width, normEpsilon }: ModelConfig): Float64Array {
  const h = new Float64Array(x.length);
  rmsNorm(x, x.length / width, layer.ffnNorm, normEpsilon, h);
  if (layer.ffnNormBias) addRow(h, layer.ffnNormBias);
  return h;
}

/** The router has a bias of its own, whatever is asked of it. */
const biased = (control: RouterControl, own: Float32Array): RouterControl => ({
  ...control,
  bias: Array.from(control.bias, (bias, expert) => bias + own[expert]),
});

/** One expert on n gathered tokens: down(silu(gate x) · up x), or another activation's; [n, D]. */
function runExpert(
  x: Float64Array,
  tokens: number,
  expert: number,
  layer: Pick<CpuLayer, 'gate' | 'up' | 'down'> & { readonly experts?: number; readonly biases?: ExpertBiases | null },
  { width: D, activation }: ModelConfig,
) {
  const H = layer.gate.length / D / (layer.experts ?? 1);
  const offset = expert * D * H;
  const gate = new Float64Array(tokens * H);
  const up = new Float64Array(tokens * H);
  const out = new Float64Array(tokens * D);
  linear(x, tokens, layer.gate, offset, D, H, gate);
  linear(x, tokens, layer.up, offset, D, H, up);
  const { biases } = layer;
  if (biases) addRow(gate, biases.gate.subarray(expert * H, (expert + 1) * H));
  if (biases) addRow(up, biases.up.subarray(expert * H, (expert + 1) * H));
  for (let i = 0; i < gate.length; i++) gate[i] = activate(activation, gate[i], up[i]);
  linear(gate, tokens, layer.down, offset, H, D, out);
  if (biases) addRow(out, biases.down.subarray(expert * D, (expert + 1) * D));
  return out;
}

/**
 * The experts' outputs for T tokens. Tokens are gathered per expert, so that an expert's weights are read once a pass.
 * @returns [T, S, D]: every slot's own output; 0 in unused slots
 */
export function expertOutputs({ h, ids }: Routing, layer: CpuLayer, config: ModelConfig): Float64Array {
  const { width: D } = config;
  const tokens = h.length / D;
  const K = ids.length / tokens;
  const slotsOf: number[][] = Array.from({ length: layer.experts }, () => []);
  for (const [slot, expert] of ids.entries()) if (expert !== NO_EXPERT) slotsOf[expert].push(slot);
  const slotOut = new Float64Array(tokens * K * D);
  slotsOf.forEach((slots, expert) => {
    if (slots.length === 0) return;
    const gathered = new Float64Array(slots.length * D);
    slots.forEach((slot, n) => {
      const t = Math.floor(slot / K);
      gathered.set(h.subarray(t * D, (t + 1) * D), n * D);
    });
    const out = runExpert(gathered, slots.length, expert, layer, config);
    const { expertScale } = layer;
    if (expertScale) for (let i = 0; i < out.length; i++) out[i] *= expertScale[expert];
    for (const [n, slot] of slots.entries()) slotOut.set(out.subarray(n * D, (n + 1) * D), slot * D);
  });
  return slotOut;
}

/**
 * [T, D]: what the expert that every token has makes of h, or of x where it has norms of its own; null where there is none.
 */
export function sharedOutput(
  { h, x }: { h: Float64Array; x: Float64Array },
  { shared }: CpuLayer,
  config: ModelConfig,
): Float64Array | null {
  if (!shared) return null;
  const { width: D, normEpsilon } = config;
  const tokens = h.length / D;
  const read = shared.norm ? new Float64Array(x.length) : h;
  if (shared.norm) rmsNorm(x, tokens, shared.norm, normEpsilon, read);
  const out = runExpert(read, tokens, 0, shared, config);
  if (shared.postNorm) rmsNorm(out, tokens, shared.postNorm, normEpsilon, out);
  if (!shared.scale) return out;
  for (let t = 0; t < tokens; t++) {
    let dot = 0;
    for (let i = 0; i < D; i++) dot += shared.scale[i] * h[t * D + i];
    const factor = 1 / (1 + Math.exp(-dot));
    for (let i = t * D; i < (t + 1) * D; i++) out[i] *= factor;
  }
  return out;
}

/** [T, D]: per token, the experts' outputs times their gate weights, summed in the order they were chosen. */
export function combineOutputs(
  outputs: Float64Array,
  { h, weights }: Routing,
  { width: D }: ModelConfig,
): Float64Array {
  const slots = weights.length / (h.length / D);
  const sum = new Float64Array(h.length);
  for (let slot = 0; slot < weights.length; slot++) {
    const at = Math.floor(slot / slots) * D;
    for (let i = 0; i < D; i++) sum[at + i] += weights[slot] * outputs[slot * D + i];
  }
  return sum;
}
