/** ModelConfig from a file's metadata. What the engines cannot do is refused here, in one sentence, not computed wrongly. */

import type { GateRule } from '../reference/gate.ts';
import { ARCHITECTURES, isArchitecture } from './architectures.ts';
import { UserError } from './errors.ts';
import { quote } from './gguf.ts';
import { readLatent } from './latent.ts';
import { blocksOf, readKeyHeads, readNarrow, readWindow } from './layerKinds.ts';
import type { Metadata } from './metadata.ts';
import { readRopeScaling } from './ropeScaling.ts';
import type { Architecture, ModelConfig } from './types.ts';

const MAX_CONTEXT = 1 << 24;
/** What the router's and the attention's kernels hold; llama.cpp, too, has no more experts. */
export const MOST_EXPERTS = 512;
const MOST_HEAD_WIDTH = 512;

/** What they would need beside a kernel: see “One file format” in docs/architecture.md. */
const RECURRENT: readonly string[] = ['granitehybrid', 'qwen3next', 'qwen35moe'];

const unsupported = (message: string) =>
  new UserError('unsupported-model', message, `Supported are ${Object.keys(ARCHITECTURES).join(', ')}.`);

/** The file's architecture. Throws 'unsupported-model' for any other than ours. */
function readArchitecture(metadata: Metadata): Architecture {
  const name = metadata.string('general.architecture');
  if (RECURRENT.includes(name))
    throw unsupported(`Layers of ${quote(name)} models carry a state from token to token, which is not kept here.`);
  if (!isArchitecture(name)) throw unsupported(`Models of architecture ${quote(name)} are not supported.`);
  return name;
}

/** Keys that change the computation in ways the engines do not know, unless they say the given thing. */
function refuseExtras(metadata: Metadata, arch: Architecture): void {
  const number = (key: string) => metadata.number(`${arch}.${key}`, 0);
  const refuse = (what: string) => unsupported(`This ${arch} model uses ${what}, which is not supported.`);
  if (arch === 'granitemoe' && !metadata.boolean(`${arch}.rope.scaling.finetuned`, true)) throw refuse('no RoPE');
  if (!ARCHITECTURES[arch].windows && number('attention.sliding_window') !== 0)
    throw refuse('sliding-window attention');
  if (number('attention.clamp_kqv') !== 0) throw refuse('clamped attention');
  const traits = ARCHITECTURES[arch];
  if (traits.shared === 'none' && number('expert_shared_feed_forward_length') + number('expert_shared_count') !== 0)
    throw refuse('a shared expert');
  if (!traits.scaleKey && ![0, 1].includes(number('expert_weights_scale'))) throw refuse('scaled gate weights');
  const gates = traits.gate === 'key' ? [0, 1, 2] : traits.gate === 'chosen' ? [0, 1, 2, 3] : [0, 1];
  if (!gates.includes(number('expert_gating_func'))) throw refuse('a router that is not softmax');
  if (!traits.denseFirst && arch !== 'bailingmoe' && number('leading_dense_block_count') !== 0)
    throw refuse('dense layers between sparse ones');
  if (number('interleave_moe_layer_step') > 1) throw refuse('dense layers between sparse ones');
  if (arch === 'gemma4' && number('embedding_length_per_layer_input') !== 0) throw refuse('embeddings of every layer');
  if (number('attention.shared_kv_layers') !== 0) throw refuse('layers that share keys and values');
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

function readGate(metadata: Metadata, arch: Architecture): GateRule['gate'] {
  const said = metadata.number(`${arch}.expert_gating_func`, 0);
  if (said !== 0) return said === 2 ? 'sigmoid' : 'softmax';
  // GLM-4.7-Flash's files, which do not say it: llama.cpp knows them by their sizes.
  const blocks = metadata.number(`${arch}.block_count`, 0);
  const glm = arch === 'deepseek2' && [47, 48].includes(blocks) && vocabularyOf(metadata) === 154_880;
  return glm ? 'sigmoid' : ARCHITECTURES[arch].unsaid;
}

const vocabularyOf = (metadata: Metadata): number => metadata.strings('tokenizer.ggml.tokens').length;

/** How the router scores, chooses and weighs, in llama.cpp's order; the bias that only chooses is a matter of the tensors. */
function readRule(metadata: Metadata, arch: Architecture, experts: number): GateRule {
  const { normalise, gate, scaleKey } = ARCHITECTURES[arch];
  const key = (name: string) => `${arch}.${name}`;
  const scale = scaleKey ? metadata.number(key('expert_weights_scale'), 0) : 1;
  const count = metadata.whole(key('expert_group_count'), 1, 0);
  const kept = metadata.whole(key('expert_group_used_count'), count, 0);
  if (count > 1 && (experts % count !== 0 || kept < 1 || kept > count))
    throw new UserError('bad-file', `The file contradicts itself: ${kept} of ${count} groups of ${experts} experts.`);
  return {
    gate: gate === 'key' ? readGate(metadata, arch) : gate,
    selectionBias: false,
    groups: count > 1 ? { count, kept, by: 'top2' } : null,
    normalise: normalise === 'key' ? metadata.boolean(key('expert_weights_norm'), false) : normalise,
    // llama.cpp takes 0 as "not set".
    scale: scale === 0 ? 1 : scale,
  };
}

/** Granite's multipliers; for all others the factors that change nothing, and `attention` on q·k. */
function readScales(metadata: Metadata, arch: Architecture, width: number, attention: number) {
  const on = ARCHITECTURES[arch].multipliers;
  const rooted = ARCHITECTURES[arch].embeddingScale === 'root of the width';
  const scale = (key: string, fallback: number) => {
    const value = on ? metadata.number(`${arch}.${key}`, fallback) : fallback;
    // llama.cpp takes 0 as "not set".
    return value === 0 ? fallback : value;
  };
  return {
    embeddingScale: scale('embedding_scale', rooted ? Math.sqrt(width) : 1),
    residualScale: scale('residual_scale', 1),
    attentionScale: scale('attention.scale', attention),
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

  const { layers } = blocksOf(metadata, architecture);
  const width = metadata.whole(key('embedding_length'));
  const heads = metadata.whole(key('attention.head_count'));
  const vocabulary = vocabularyOf(metadata);
  const latent = traits.latent ? readLatent(metadata, architecture, layers, vocabulary) : null;
  const { kvHeads, narrowKvHeads, convolutions } = latent
    ? { kvHeads: heads, narrowKvHeads: heads, convolutions: [] }
    : readKeyHeads(metadata, architecture, heads);
  const headDim = latent ? latent.plain + latent.turned : metadata.whole(key('attention.key_length'), width / heads);
  const experts = traits.sparse ? metadata.whole(key('expert_count')) : 1;
  const expertsPerToken = traits.sparse ? metadata.whole(key('expert_used_count')) : 1;
  const { window, unturned } = readWindow(metadata, architecture);
  const rope = readRopeScaling(metadata, architecture);
  const contextLength = metadata.whole(key('context_length'));
  const ropeBase = metadata.number(key('rope.freq_base'), 10000);
  const normEpsilon = metadata.number(key('attention.layer_norm_rms_epsilon'));

  const contradiction = (what: string) => new UserError('bad-file', `The file contradicts itself: ${what}.`);
  const narrow = readNarrow(metadata, architecture, narrowKvHeads);
  for (const shape of [{ kvHeads, headDim }, ...(narrow ? [narrow] : [])]) {
    if (heads % shape.kvHeads !== 0)
      throw contradiction(`${heads} heads cannot share ${shape.kvHeads} key/value heads`);
    if (shape.headDim % 2 !== 0) throw contradiction(`RoPE needs an even head width, not ${shape.headDim}`);
    if (shape.headDim > MOST_HEAD_WIDTH && !latent)
      throw unsupported(`This model’s heads are ${shape.headDim} wide; up to ${MOST_HEAD_WIDTH} can be run.`);
  }
  if (expertsPerToken > experts) throw contradiction(`${expertsPerToken} experts per token out of ${experts}`);
  if (experts > MOST_EXPERTS)
    throw unsupported(`This model has ${experts} experts a layer; up to ${MOST_EXPERTS} can be run.`);
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
    if (size !== headDim && !latent) throw unsupported(`This model's ${name} differs from its head width.`);
  const denseLayers = traits.denseFirst ? metadata.whole(key('leading_dense_block_count'), 0, 0) : 0;
  if (denseLayers > 0 && denseLayers >= layers) throw contradiction(`${denseLayers} dense layers of ${layers}`);
  const rule = readRule(metadata, architecture, experts);
  const attended = traits.attentionScale === 'one' ? 1 : Math.sqrt(headDim);
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
    vocabulary,
    experts,
    expertsPerToken,
    expertHidden: metadata.whole(key(traits.hiddenKey), traits.sparse ? hiddenFallback : undefined),
    normEpsilon,
    qkNormEpsilon: normEpsilon,
    ropeBase,
    ropeDim,
    ropeScaling: rope.scaling,
    ropeStyle: traits.ropeStyle,
    unturned,
    window,
    narrow,
    latent,
    qkNorm: traits.qkNorm,
    normsValues: traits.normsValues,
    normaliseGates: rule.normalise,
    rule: rule.gate === 'softmax' && !rule.groups && rule.scale === 1 ? null : rule,
    routesEarly: traits.routesEarly,
    normsBranches: traits.normsBranches,
    besides: traits.besides,
    gatesAttention: traits.gatesAttention,
    normBias: traits.normBias,
    activation: traits.activation,
    denseLayers,
    convolutions,
    denseHidden: denseLayers > 0 ? metadata.whole(key('feed_forward_length')) : 0,
    // Its width is its tensor's.
    sharedHidden: 0,
    ...readScales(metadata, architecture, width, rope.attention / attended),
    logitCap: metadata.number(key('final_logit_softcapping'), 0) || null,
  };
}
