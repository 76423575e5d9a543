/** A float64 forward pass made of nothing but the kernels' twins in src/reference: slow, and independent of the CPU engine. */
import { dequantise } from '../../src/model/dequantise.ts';
import type { Model, Tensor } from '../../src/model/types.ts';
import { attention } from '../../src/reference/attention.ts';
import { combine, expertDown, expertUp } from '../../src/reference/experts.ts';
import { embed, matmul, rmsNorm } from '../../src/reference/linear.ts';
import { rope } from '../../src/reference/rope.ts';
import { freeRouter, route } from '../../src/reference/route.ts';

const f64 = (tensor: Tensor) => Float64Array.from(dequantise(tensor));

/** q, k and v of every token side by side: [T, qWidth + 2·kvWidth]. */
function interleave(parts: readonly Float64Array[], tokens: number): Float64Array {
  const rows = Array.from({ length: tokens }, (_, t) =>
    parts.flatMap((part) => [...part.subarray((t * part.length) / tokens, ((t + 1) * part.length) / tokens)]),
  );
  return Float64Array.from(rows.flat());
}

/** Logits [T, V] and chosen experts [T, L, K] of `ids` from an empty cache. */
export function referenceForward({ config, weights }: Model, ids: readonly number[]) {
  const { width, heads, kvHeads, headDim, experts, expertsPerToken: k, expertHidden: hidden, layers } = config;
  const { ropeBase, ropeStyle, qkNorm, normEpsilon: epsilon, residualScale, normaliseGates } = config;
  const tokens = ids.length;
  const expertIds = new Uint16Array(tokens * layers * k);
  let x = embed(f64(weights.tokenEmbedding), ids, width, config.embeddingScale);
  for (const [index, layer] of weights.layers.entries()) {
    const normed = rmsNorm(x, f64(layer.attentionNorm), epsilon);
    const qkv = interleave(
      [layer.q, layer.k, layer.v!].map((w) => matmul(normed, f64(w), width)),
      tokens,
    );
    const kCache = new Float64Array(tokens * kvHeads * headDim);
    const vCache = new Float64Array(kCache.length);
    const norms = {
      qNorm: layer.qNorm ? f64(layer.qNorm) : undefined,
      kNorm: layer.kNorm ? f64(layer.kNorm) : undefined,
    };
    const ropeShape = { heads, kvHeads, headDim, ropeBase, ropeStyle, qkNorm, epsilon, contextLength: tokens };
    const q = rope(ropeShape, { qkv, ...norms, kCache, vCache }, 0);
    const shape = { heads, kvHeads, headDim, scale: config.attentionScale, contextLength: tokens };
    const mixed = matmul(attention(shape, q, kCache, vCache, 0), f64(layer.attentionOutput), heads * headDim);
    x = x.map((value, i) => value + residualScale * mixed[i]);

    const router = layer.router ? f64(layer.router) : new Float64Array(width);
    const routeShape = { width, experts, slots: k, normaliseGates, epsilon };
    const {
      h,
      ids: chosen,
      weights: gates,
    } = route(routeShape, freeRouter(experts, k, index), x, f64(layer.ffnNorm), router);
    const up = expertUp({ experts, k, width }, h, chosen, f64(layer.gate), f64(layer.up));
    const down = expertDown({ experts, hidden }, up, chosen, f64(layer.down));
    x = combine({ k, scale: residualScale }, x, down, gates);
    for (let t = 0; t < tokens; t++) expertIds.set(chosen.subarray(t * k, (t + 1) * k), (t * layers + index) * k);
  }
  const logits = matmul(rmsNorm(x, f64(weights.outputNorm), epsilon), f64(weights.output), width);
  return { logits: logits.map((value) => value / config.logitScale), expertIds };
}
