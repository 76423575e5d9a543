/** ModelConfig from a file's metadata. What the engines cannot do is refused here, in one sentence, not computed wrongly. */

import type { GateRule } from '../reference/gate.ts';
import { ARCHITECTURES, isArchitecture } from './architectures.ts';
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import type { Metadata } from './metadata.ts';
import type { Architecture, ModelConfig } from './types.ts';

const MAX_CONTEXT = 1 << 24;
/** What the router's and the attention's kernels hold; llama.cpp, too, has no more experts. */
export const MOST_EXPERTS = 512;
const MOST_HEAD_WIDTH = 256;
const MOST_LAYERS = 4096;
const MOST_TAPS = 16;

const unsupported = (message: string) =>
  new UserError('unsupported-model', message, `Supported are ${Object.keys(ARCHITECTURES).join(', ')}.`);

/** The file's architecture. Throws 'unsupported-model' for any other than ours. */
function readArchitecture(metadata: Metadata): Architecture {
  const name = metadata.string('general.architecture');
  if (!isArchitecture(name)) throw unsupported(`Models of architecture ${quote(name)} are not supported.`);
  return name;
}

/** Whether RoPE is scaled, as llama.cpp reads it: a file that gives no type means linear, and a factor of 0 means none. */
function scalesRope(metadata: Metadata, arch: Architecture): boolean {
  const type = metadata.string(`${arch}.rope.scaling.type`, 'linear');
  const factor = metadata.number(`${arch}.rope.scaling.factor`, metadata.number(`${arch}.rope.scale_linear`, 0));
  return type === 'linear' ? ![0, 1].includes(factor) : type !== 'none';
}

/** Keys that change the computation in ways the engines do not know, unless they say the given thing. */
function refuseExtras(metadata: Metadata, arch: Architecture): void {
  const number = (key: string) => metadata.number(`${arch}.${key}`, 0);
  const refuse = (what: string) => unsupported(`This ${arch} model uses ${what}, which is not supported.`);
  if (scalesRope(metadata, arch)) throw refuse('scaled RoPE');
  if (arch === 'granitemoe' && !metadata.boolean(`${arch}.rope.scaling.finetuned`, true)) throw refuse('no RoPE');
  if (!ARCHITECTURES[arch].windowed && number('attention.sliding_window') !== 0)
    throw refuse('sliding-window attention');
  if (number('attention.clamp_kqv') !== 0) throw refuse('clamped attention');
  const traits = ARCHITECTURES[arch];
  if (traits.shared === 'none' && number('expert_shared_feed_forward_length') + number('expert_shared_count') !== 0)
    throw refuse('a shared expert');
  if (!traits.scaleKey && ![0, 1].includes(number('expert_weights_scale'))) throw refuse('scaled gate weights');
  if (![0, 1, ...(traits.gatingKey ? [2] : [])].includes(number('expert_gating_func')))
    throw refuse('a router that is not softmax');
  if (!traits.denseFirst && arch !== 'bailingmoe' && number('leading_dense_block_count') !== 0)
    throw refuse('dense layers between sparse ones');
  if (number('interleave_moe_layer_step') > 1) throw refuse('dense layers between sparse ones');
  if (number('nextn_predict_layers') !== 0) throw refuse('layers that predict several tokens');
}

/** A part has no more than its tensors: nothing else is looked for in it. */
function refusePart(metadata: Metadata): void {
  // A merged file says 0.
  const parts = metadata.whole('split.count', 0, 0);
  if (parts > 1)
    throw new UserError(
      'bad-file',
      `This file is part ${metadata.whole('split.no', 0, 0) + 1} of ${parts} of a model.`,
      'Choose or drop all parts together.',
    );
}

/** How the router scores, chooses and weighs, in llama.cpp's order; the bias that only chooses is a matter of the tensors. */
function readRule(metadata: Metadata, arch: Architecture, experts: number): GateRule {
  const { normalise, gatingKey, scaleKey } = ARCHITECTURES[arch];
  const key = (name: string) => `${arch}.${name}`;
  const scale = scaleKey ? metadata.number(key('expert_weights_scale'), 0) : 1;
  const count = metadata.whole(key('expert_group_count'), 1, 0);
  const kept = metadata.whole(key('expert_group_used_count'), count, 0);
  if (count > 1 && (experts % count !== 0 || kept < 1 || kept > count))
    throw new UserError('bad-file', `The file contradicts itself: ${kept} of ${count} groups of ${experts} experts.`);
  return {
    gate: gatingKey && metadata.number(key('expert_gating_func'), 1) === 2 ? 'sigmoid' : 'softmax',
    selectionBias: false,
    groups: count > 1 ? { count, kept, by: 'top2' } : null,
    normalise: normalise === 'key' ? metadata.boolean(key('expert_weights_norm'), false) : normalise,
    // llama.cpp takes 0 as "not set".
    scale: scale === 0 ? 1 : scale,
  };
}

/** Heads for keys and values, and the layers that have none: those mix by a convolution. */
function readKeyHeads(metadata: Metadata, arch: Architecture, layers: number, heads: number) {
  const key = `${arch}.attention.head_count_kv`;
  // A list as long as a hostile number of layers would be.
  if (!ARCHITECTURES[arch].convolutions || layers > MOST_LAYERS)
    return { kvHeads: metadata.whole(key, heads), convolutions: [] };
  const list = metadata.perLayer(key, layers, heads);
  const convolutions = [...list.keys()].filter((layer) => list[layer] === 0);
  const kvHeads = Math.max(...list);
  if (kvHeads === 0 || list.some((count) => count !== 0 && count !== kvHeads))
    throw unsupported(`The layers of this ${arch} model differ in their heads.`);
  if (convolutions.length > 0 && metadata.whole(`${arch}.shortconv.l_cache`) > MOST_TAPS)
    throw unsupported(`This ${arch} model’s convolutions are longer than ${MOST_TAPS}.`);
  return { kvHeads, convolutions };
}

/** SmallThinker's window, whatever number the file gives. */
const WINDOW = 4096;

/**
 * A window, and the layers without RoPE that come with it. Within the window attention sees all, so the context ends there: no
 * kernel has to look back less far.
 */
function readWindow(metadata: Metadata, arch: Architecture, layers: number) {
  const windowed = ARCHITECTURES[arch].windowed && metadata.number(`${arch}.attention.sliding_window`, 0) !== 0;
  if (!windowed) return { window: Number.POSITIVE_INFINITY, unturned: [] };
  // llama.cpp takes four layers for the sign of a model without such layers.
  const count = layers === 4 || layers > MOST_LAYERS ? 0 : layers;
  const unturned = Array.from({ length: count }, (_, layer) => layer).filter((layer) => layer % 4 === 0);
  return { window: WINDOW, unturned };
}

/** Granite's multipliers; for all others the factors that change nothing, and 1/√headDim on q·k. */
function readScales(metadata: Metadata, arch: Architecture, headDim: number) {
  const on = ARCHITECTURES[arch].multipliers;
  const scale = (key: string, fallback: number) => {
    const value = on ? metadata.number(`${arch}.${key}`, fallback) : fallback;
    // llama.cpp takes 0 as "not set".
    return value === 0 ? fallback : value;
  };
  return {
    embeddingScale: scale('embedding_scale', 1),
    residualScale: scale('residual_scale', 1),
    attentionScale: scale('attention.scale', 1 / Math.sqrt(headDim)),
    logitScale: scale('logit_scale', 1),
  };
}

/**
 * The config, parameter counts left out (they need the tensors). `vocabulary` is the number of the tokenizer's tokens.
 * Throws 'bad-file' for keys that are missing or contradict each other, 'unsupported-model' for what is not done here.
 */
export function readConfig(metadata: Metadata): Omit<ModelConfig, 'parameters'> {
  refusePart(metadata);
  const architecture = readArchitecture(metadata);
  const traits = ARCHITECTURES[architecture];
  const key = (name: string) => `${architecture}.${name}`;
  refuseExtras(metadata, architecture);

  const layers = metadata.whole(key('block_count'));
  const width = metadata.whole(key('embedding_length'));
  const heads = metadata.whole(key('attention.head_count'));
  const { kvHeads, convolutions } = readKeyHeads(metadata, architecture, layers, heads);
  const headDim = metadata.whole(key('attention.key_length'), width / heads);
  const experts = traits.sparse ? metadata.whole(key('expert_count')) : 1;
  const expertsPerToken = traits.sparse ? metadata.whole(key('expert_used_count')) : 1;
  const { window, unturned } = readWindow(metadata, architecture, layers);
  const contextLength = Math.min(metadata.whole(key('context_length')), window);
  const ropeBase = metadata.number(key('rope.freq_base'), 10000);
  const normEpsilon = metadata.number(key('attention.layer_norm_rms_epsilon'));

  const contradiction = (what: string) => new UserError('bad-file', `The file contradicts itself: ${what}.`);
  if (heads % kvHeads !== 0) throw contradiction(`${heads} heads cannot share ${kvHeads} key/value heads`);
  if (headDim % 2 !== 0) throw contradiction(`RoPE needs an even head width, not ${headDim}`);
  if (expertsPerToken > experts) throw contradiction(`${expertsPerToken} experts per token out of ${experts}`);
  if (experts > MOST_EXPERTS)
    throw unsupported(`This model has ${experts} experts a layer; up to ${MOST_EXPERTS} can be run.`);
  if (headDim > MOST_HEAD_WIDTH)
    throw unsupported(`This model’s heads are ${headDim} wide; up to ${MOST_HEAD_WIDTH} can be run.`);
  if (contextLength > MAX_CONTEXT) throw contradiction(`a context of ${contextLength} tokens`);
  if (!(ropeBase > 0)) throw contradiction(`a RoPE base of ${ropeBase}`);
  if (!(normEpsilon >= 0)) throw contradiction(`a norm epsilon of ${normEpsilon}`);
  if (traits.qkNorm === 'width' && heads * headDim !== width)
    throw contradiction('QK norm over the width needs heads × head width = width');
  const ropeDim = metadata.whole(key('rope.dimension_count'), headDim);
  const partial = traits.partialRope && ropeDim < headDim && ropeDim % 4 === 0 && headDim % 4 === 0;
  for (const [name, size] of [
    ['attention.value_length', metadata.whole(key('attention.value_length'), headDim)],
    ['rope.dimension_count', partial ? headDim : ropeDim],
  ] as const)
    if (size !== headDim) throw unsupported(`This model's ${name} differs from its head width.`);
  const denseLayers = traits.denseFirst ? metadata.whole(key('leading_dense_block_count'), 0, 0) : 0;
  if (denseLayers > 0 && denseLayers >= layers) throw contradiction(`${denseLayers} dense layers of ${layers}`);
  const rule = readRule(metadata, architecture, experts);
  const hiddenFallback = metadata.entries.has(key('feed_forward_length'))
    ? metadata.whole(key('feed_forward_length')) / expertsPerToken
    : undefined;
  return {
    architecture,
    name: metadata.string('general.name', architecture),
    layers,
    width,
    heads,
    kvHeads,
    headDim,
    contextLength,
    vocabulary: metadata.strings('tokenizer.ggml.tokens').length,
    experts,
    expertsPerToken,
    expertHidden: metadata.whole(key(traits.hiddenKey), traits.sparse ? hiddenFallback : undefined),
    normEpsilon,
    qkNormEpsilon: normEpsilon,
    ropeBase,
    ropeDim,
    ropeStyle: traits.ropeStyle,
    unturned,
    qkNorm: traits.qkNorm,
    normaliseGates: rule.normalise,
    rule: rule.gate === 'softmax' && !rule.groups && rule.scale === 1 ? null : rule,
    routesEarly: traits.routesEarly,
    activation: traits.activation,
    denseLayers,
    convolutions,
    denseHidden: denseLayers > 0 ? metadata.whole(key('feed_forward_length')) : 0,
    // Its width is its tensor's.
    sharedHidden: 0,
    ...readScales(metadata, architecture, headDim),
  };
}
