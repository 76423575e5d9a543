/** A layer's tensors, by the names that its architecture has for them. */
import { ARCHITECTURES } from './architectures.ts';
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import { absorb } from './latent.ts';
import { headsOf } from './layerKinds.ts';
import { partOf, rowsOf } from './stored.ts';
import type { TensorBin } from './tensorBin.ts';
import type { Latent, LatentWeights, LayerWeights, ModelConfig, Tensor } from './types.ts';

type Config = Omit<ModelConfig, 'parameters'>;

/** q, k and v, also where a file has them as one matrix, or no v: the values are then the keys, before they are normed and turned. */
function takeProjections(
  bin: TensorBin,
  layer: number,
  { width: D, normsValues: mayLackValues }: Config,
  rows: readonly [number, number, number],
): Tensor[] {
  const fused = `blk.${layer}.attn_qkv.weight`;
  const names = ['q', 'k', 'v'].map((part) => `blk.${layer}.attn_${part}.weight`);
  if (!bin.has(fused)) {
    const taken = names.map((name, i) =>
      i < 2 || bin.has(name) || !mayLackValues ? bin.take(name, [D, rows[i]]) : null,
    );
    return taken.map((tensor) => tensor ?? taken[1]!);
  }
  const all = rows[0] + rows[1] + rows[2];
  const tensor = bin.take(fused, [D, all]);
  let end = 0;
  return names.map((name, i) => {
    const start = end;
    end += rows[i];
    return { ...partOf(tensor, start / all, end / all), name, shape: [D, rows[i]] };
  });
}

/** B, C and X of a layer that mixes by a convolution: one matrix in the file. */
function takeThirds(bin: TensorBin, layer: number, D: number): Tensor[] {
  const tensor = bin.take(`blk.${layer}.shortconv.in_proj.weight`, [D, 3 * D]);
  return ['B', 'C', 'X'].map((part, i) => ({
    ...partOf(tensor, i / 3, (i + 1) / 3),
    name: `${tensor.name} (${part})`,
    shape: [D, D],
  }));
}

/** What is added to q, k and v, where a file has it: apart, or as one. */
function takeBiases(bin: TensorBin, layer: number, rows: readonly [number, number, number]): (Tensor | null)[] {
  const fused = `blk.${layer}.attn_qkv.bias`;
  const names = ['q', 'k', 'v'].map((part) => `blk.${layer}.attn_${part}.bias`);
  if (bin.has(fused)) {
    const all = rows[0] + rows[1] + rows[2];
    const tensor = bin.take(fused, [all]);
    const ends = [0, rows[0], rows[0] + rows[1], all];
    return names.map((name, i) => ({ ...partOf(tensor, ends[i] / all, ends[i + 1] / all), name, shape: [rows[i]] }));
  }
  return names.some((name) => bin.has(name)) ? names.map((name, i) => bin.take(name, [rows[i]])) : [null, null, null];
}

/** Gate and up of all experts, also where a file has them as one matrix an expert: gate's rows, then up's. */
function takeGateUp(bin: TensorBin, start: string, suffix: string, shape: readonly [number, number, number]) {
  const [D, H, E] = shape;
  const fused = `${start}_gate_up${suffix}.weight`;
  const take = (name: string) => bin.take(`${start}_${name}${suffix}.weight`, shape);
  if (!bin.has(fused)) return { gate: take('gate'), up: take('up') };
  const both = bin.take(fused, [D, 2 * H, E]);
  return { gate: rowsOf(both, `${fused} (gate)`, 0, H), up: rowsOf(both, `${fused} (up)`, H, 2 * H) };
}

/** What makes queries and the latent vector. */
function takeLatentProjections(bin: TensorBin, layer: number, { width: D, heads }: Config, latent: Latent): Tensor[] {
  const { rank, plain, turned, queryRank } = latent;
  const q = queryRank > 0 ? ['attn_q_a', queryRank] : ['attn_q', heads * (plain + turned)];
  return [q, ['attn_kv_a_mqa', rank + turned]].map(([name, rows]) =>
    bin.take(`blk.${layer}.${name}.weight`, [D, Number(rows)]),
  );
}

function takeLatent(bin: TensorBin, layer: number, { heads }: Config, latent: Latent): LatentWeights {
  const { rank, plain, turned, value, queryRank } = latent;
  const take = (name: string, ...shape: number[]) => bin.take(`blk.${layer}.${name}.weight`, shape);
  const expanded = bin.has(`blk.${layer}.attn_kv_b.weight`);
  return {
    queryNorm: queryRank > 0 ? take('attn_q_a_norm', queryRank) : null,
    queryUp: queryRank > 0 ? take('attn_q_b', queryRank, heads * (plain + turned)) : null,
    norm: take('attn_kv_a_norm', rank),
    ...(expanded
      ? absorb(take('attn_kv_b', rank, heads * (plain + value)), latent, heads)
      : { keyUp: take('attn_k_b', plain, rank, heads), valueUp: take('attn_v_b', rank, value, heads) }),
  };
}

/** @throws UserError bad-file where a tensor is missing or has another shape */
export function takeLayer(bin: TensorBin, layer: number, config: Config): LayerWeights {
  const { width: D, experts: E, expertHidden: H, besides } = config;
  const { kvHeads, headDim } = headsOf(config, layer);
  const qWidth = config.heads * headDim;
  const kvWidth = kvHeads * headDim;
  const take = (name: string, ...shape: number[]) => bin.take(`blk.${layer}.${name}.weight`, shape);
  const routed = ARCHITECTURES[config.architecture].sparse;
  const sparse = routed && layer >= config.denseLayers;
  const [experts, hidden] = routed && !sparse ? [1, config.denseHidden] : [E, H];
  const suffix = sparse ? '_exps' : '';
  const normed = config.qkNorm !== 'none' && !config.convolutions.includes(layer);
  const mixes = config.convolutions.includes(layer);
  const traits = ARCHITECTURES[config.architecture];
  const [q, k, v] = mixes
    ? takeThirds(bin, layer, D)
    : config.latent
      ? takeLatentProjections(bin, layer, config, config.latent)
      : takeProjections(bin, layer, config, [qWidth, kvWidth, kvWidth]);
  const bias = takeBiases(bin, layer, [qWidth, kvWidth, kvWidth]);
  const maybe = (there: boolean, name: string, ...shape: number[]) => (there ? take(name, ...shape) : null);
  const S = sparse ? config.sharedHidden : 0;
  const { selection, shared } = traits;
  const chooses = `blk.${layer}.exp_probs_b.bias`;
  const biasOf = (there: boolean, name: string, ...shape: number[]) =>
    there ? bin.take(`blk.${layer}.${name}.bias`, shape) : null;
  const expertBias = (name: string, rows: number) => {
    const tensor = biasOf(sparse && traits.expertBias, name, rows, experts);
    if (tensor && tensor.type !== 'f32')
      throw new UserError('unsupported-model', `The file has ${quote(tensor.name)} in another format than F32.`);
    return tensor && { ...tensor, shape: [rows, 1, experts] };
  };
  /** What a file has for the other FFN's tensors. */
  const other = besides ? '' : '_shexp';
  const scaleOf = (name: string, ...shape: number[]) =>
    sparse && bin.has(`blk.${layer}.${name}.scale`) ? bin.take(`blk.${layer}.${name}.scale`, shape) : null;
  const values = config.latent ? config.heads * config.latent.value : qWidth;
  return {
    attentionNorm: take('attn_norm', D),
    q,
    k,
    v: v ?? null,
    latent: config.latent && takeLatent(bin, layer, config, config.latent),
    qBias: bias[0],
    kBias: bias[1],
    vBias: bias[2],
    qNorm: normed ? take('attn_q_norm', config.qkNorm === 'head' ? headDim : qWidth) : null,
    kNorm: normed ? take('attn_k_norm', config.qkNorm === 'head' ? headDim : kvWidth) : null,
    attentionOutput: mixes ? take('shortconv.out_proj', D, D) : take('attn_output', values, D),
    outputBias: biasOf(traits.outputBias, 'attn_output', D),
    sinks: maybe(traits.sinks, 'attn_sinks', config.heads),
    attentionGate: maybe(traits.gatesAttention, 'attn_gate', D, qWidth),
    convolution: mixes ? take('shortconv.conv', bin.columns(`blk.${layer}.shortconv.conv.weight`), D) : null,
    ffnNorm: take(traits.ffnNorm, D),
    attentionNormBias: biasOf(traits.normBias, 'attn_norm', D),
    ffnNormBias: biasOf(traits.normBias, traits.ffnNorm, D),
    postAttentionNorm: maybe(traits.normsBranches, 'post_attention_norm', D),
    postFfnNorm: maybe(traits.normsBranches, 'post_ffw_norm', D),
    outputScale: maybe(bin.has(`blk.${layer}.layer_output_scale.weight`), 'layer_output_scale', 1),
    postExpertsNorm: maybe(besides, 'post_ffw_norm_2', D),
    sharedNorm: maybe(besides, 'ffn_norm', D),
    postSharedNorm: maybe(besides, 'post_ffw_norm_1', D),
    router: sparse ? take('ffn_gate_inp', D, E) : null,
    routerNorm: besides ? bin.take(`blk.${layer}.ffn_gate_inp.scale`, [D]) : null,
    routerBias: biasOf(sparse && traits.expertBias, 'ffn_gate_inp', E),
    selection: sparse && selection && bin.has(chooses) ? bin.take(chooses, [E]) : null,
    ...takeGateUp(bin, `blk.${layer}.ffn`, suffix, [D, hidden, experts]),
    down: take(`ffn_down${suffix}`, hidden, D, experts),
    expertScale: scaleOf('ffn_down_exps', experts),
    gateBias: expertBias('ffn_gate_exps', hidden),
    upBias: expertBias('ffn_up_exps', hidden),
    downBias: expertBias('ffn_down_exps', D),
    sharedGate: maybe(S > 0, `ffn_gate${other}`, D, S),
    sharedUp: maybe(S > 0, `ffn_up${other}`, D, S),
    sharedDown: maybe(S > 0, `ffn_down${other}`, S, D),
    sharedScale: maybe(S > 0 && shared === 'gated', 'ffn_gate_inp_shexp', D),
  };
}
