/** Which layers of a file are what: how many run, what mixes in each, what each sees, and by which heads. */
import { ARCHITECTURES } from './architectures.ts';
import { UserError } from './errors.ts';
import type { Metadata } from './metadata.ts';
import type { Architecture, HeadShape, ModelConfig } from './types.ts';

/** Of a list as long as a hostile number of layers would be. */
const MOST_LAYERS = 4096;
/** Of a convolution. */
export const MOST_TAPS = 16;

const differ = (arch: Architecture) =>
  new UserError('unsupported-model', `The layers of this ${arch} model differ in their heads.`);

/** Layers in the file, and those of them that run: the last may predict further tokens, for a decoder that guesses. */
export function blocksOf(metadata: Metadata, arch: Architecture): { blocks: number; layers: number } {
  const blocks = metadata.whole(`${arch}.block_count`);
  const ahead = metadata.whole(`${arch}.nextn_predict_layers`, 0, 0);
  if (ahead >= blocks)
    throw new UserError(
      'bad-file',
      `The file contradicts itself: ${ahead} of ${blocks} layers predict further tokens.`,
    );
  return { blocks, layers: blocks - ahead };
}

/** The layers that run, by number. */
const indices = (layers: number) => Array.from({ length: Math.min(layers, MOST_LAYERS) }, (_, layer) => layer);

/** A number for each layer that runs. */
function perLayer(metadata: Metadata, arch: Architecture, name: string, fallback?: number): readonly number[] {
  const { blocks, layers } = blocksOf(metadata, arch);
  if (blocks > MOST_LAYERS)
    throw new UserError('unsupported-model', `This model has ${blocks} layers; up to ${MOST_LAYERS} can be run.`);
  return metadata.perLayer(`${arch}.${name}`, blocks, fallback).slice(0, layers);
}

const narrowLayers = (metadata: Metadata, arch: Architecture): readonly boolean[] =>
  perLayer(metadata, arch, 'attention.sliding_window_pattern').map((narrow) => narrow !== 0);

/** Heads for keys and values, also of layers with a window, and the layers that have none: those mix by a convolution. */
export function readKeyHeads(metadata: Metadata, arch: Architecture, heads: number) {
  const { convolutions: mayMix, windows } = ARCHITECTURES[arch];
  const name = 'attention.head_count_kv';
  if (!mayMix && windows !== 'key') {
    const kvHeads = metadata.whole(`${arch}.${name}`, heads);
    return { kvHeads, narrowKvHeads: kvHeads, convolutions: [] };
  }
  const list = perLayer(metadata, arch, name, heads);
  const convolutions = mayMix ? [...list.keys()].filter((layer) => list[layer] === 0) : [];
  const narrow = windows === 'key' ? narrowLayers(metadata, arch) : [];
  const [kvHeads, narrowKvHeads] = [false, true].map((which) => {
    const counts = list.filter((count, layer) => (count !== 0 || !mayMix) && (narrow[layer] ?? false) === which);
    if (counts.some((count) => count === 0 || count !== counts[0])) throw differ(arch);
    return counts[0];
  });
  if ((kvHeads ?? narrowKvHeads) === undefined) throw differ(arch);
  if (convolutions.length > 0 && metadata.whole(`${arch}.shortconv.l_cache`) > MOST_TAPS)
    throw new UserError('unsupported-model', `This ${arch} model’s convolutions are longer than ${MOST_TAPS}.`);
  return { kvHeads: kvHeads ?? narrowKvHeads, narrowKvHeads: narrowKvHeads ?? kvHeads, convolutions };
}

/** The layers that see a window alone, and those that leave q and k unturned. */
export function readWindow(metadata: Metadata, arch: Architecture): Pick<ModelConfig, 'window' | 'unturned'> {
  const rule = ARCHITECTURES[arch].windows;
  const said = metadata.whole(`${arch}.attention.sliding_window`, 0, 0);
  if (!rule || said === 0) return { window: null, unturned: [] };
  const { layers } = blocksOf(metadata, arch);
  const all = indices(layers);
  if (rule === 'key') {
    const narrow = narrowLayers(metadata, arch);
    return { window: { positions: said, layers: all.filter((layer) => narrow[layer]) }, unturned: [] };
  }
  const full = all.filter((layer) => layer % rule.every === rule.full);
  return {
    window: { positions: rule.positions ?? said, layers: all.filter((layer) => !full.includes(layer)) },
    unturned: rule.turnsAll || layers === rule.notWith ? [] : full,
  };
}

/** Heads of the layers with a window, where the file gives them sizes of their own. */
export function readNarrow(metadata: Metadata, arch: Architecture, kvHeads: number): HeadShape | null {
  if (ARCHITECTURES[arch].windows !== 'key') return null;
  const key = (name: string) => `${arch}.${name}`;
  const headDim = metadata.whole(key('attention.key_length_swa'));
  for (const name of ['attention.value_length_swa', 'rope.dimension_count_swa'])
    if (metadata.whole(key(name), headDim) !== headDim)
      throw new UserError('unsupported-model', `This model's ${name} differs from its head width.`);
  if (headDim % 8 !== 0)
    throw new UserError(
      'unsupported-model',
      `This ${arch} model’s heads are ${headDim} wide, which is no multiple of 8.`,
    );
  const ropeBase = metadata.number(key('rope.freq_base_swa'), metadata.number(key('rope.freq_base')));
  if (!(ropeBase > 0)) throw new UserError('bad-file', `The file contradicts itself: a RoPE base of ${ropeBase}.`);
  return { kvHeads, headDim, ropeBase, ropeDim: headDim };
}

/** Positions that a layer looks at, its own included; of a convolution at most. */
export function sightOf(
  { convolutions, window: sight, contextLength }: Pick<ModelConfig, 'convolutions' | 'window' | 'contextLength'>,
  layer: number,
): number {
  if (convolutions.includes(layer)) return MOST_TAPS;
  return sight?.layers.includes(layer) ? sight.positions : contextLength;
}

type Heads = HeadShape & Pick<ModelConfig, 'window' | 'narrow'>;

/** The heads of one layer. */
export function headsOf<T extends Heads>({ narrow, window, kvHeads, headDim, ropeBase, ropeDim }: T, layer: number) {
  return narrow && window?.layers.includes(layer) ? narrow : { kvHeads, headDim, ropeBase, ropeDim };
}
