/** A published model and what was tried with it, in words: what its makers state, what follows from it, what was measured. */
import type {
  LayerStep,
  LayerTiming,
  Precision,
  Probe,
  PublishedModel,
  Slice,
  SweepRow,
} from '../../worker/protocol.ts';
import { bytes, short, time } from '../kit/format.ts';

export const PRECISIONS: Readonly<Record<Precision, string>> = { q4_0: 'int4', q8_0: 'int8', f16: 'f16' };

/** How the router scores, chooses and weighs, as a clause for each. */
export function routingWords({ routing, expertsPerToken, experts }: PublishedModel): string {
  const { gate, selectionBias, logitBias, groups, normalise, scale } = routing;
  const scores = {
    softmax: 'softmax over all experts',
    sigmoid: 'a sigmoid for each expert',
    chosen: `softmax over the ${expertsPerToken} chosen alone`,
  }[gate];
  const within = groups
    ? `from the best ${groups.kept} of ${groups.count} groups of ${experts / groups.count}, by ${groups.by === 'top2' ? 'the two best scores of each' : 'the best score of each'}`
    : '';
  return [
    scores,
    logitBias ? 'the router has a bias' : '',
    selectionBias ? 'a bias that only chooses' : '',
    within,
    normalise ? 'weights scaled to add up to 1' : gate === 'softmax' ? 'weights as they are' : '',
    scale === 1 ? '' : `then times ${scale}`,
  ]
    .filter(Boolean)
    .join('; ');
}

export function expertWords({ experts, expertsPerToken, shared }: PublishedModel): string {
  const beside = shared ? ` and ${shared.count} shared${shared.gated ? ', behind a gate of its own' : ''}` : '';
  return `${experts}, ${expertsPerToken} for each token${beside}`;
}

/** With the digits that its makers give, and no more. */
export const stated = (parameters: number): string =>
  parameters < 1e12 ? `${parameters / 1e9}\u00a0billion` : `${parameters / 1e12}\u00a0trillion`;

export function layerWords({ layers, denseLayers }: PublishedModel): string {
  return denseLayers
    ? `${layers}, of which the first ${denseLayers} ${denseLayers === 1 ? 'is' : 'are'} dense`
    : `${layers}`;
}

/** A part of a layer is always called one. */
export function sliceWords(model: PublishedModel, slice: Slice | null): string {
  if (!slice) return 'the whole layer';
  const fewer =
    slice.experts < model.experts ? `${slice.experts} of its ${model.experts} experts` : `all ${model.experts} experts`;
  const narrower =
    slice.expertHidden < model.expertHidden ? `, each ${slice.expertHidden} of ${model.expertHidden} units wide` : '';
  return `a slice: ${fewer}${narrower}`;
}

/** What fits, and why not more. */
export function probeWords(model: PublishedModel, { fits, reason, bytesNeeded, largestSlice }: Probe): string {
  if (fits) return `One whole layer fits here: with its dense twins it takes ${bytes(bytesNeeded.layer)}.`;
  const offer = largestSlice
    ? `The largest part that does is ${sliceWords(model, largestSlice)}.`
    : 'No part of it that would say something does.';
  return `The whole layer does not fit here. ${reason} ${offer}`;
}

/** Times of the MoE and its twins, with batch and baselines in the sentence. */
export function stepWords({ tokens, rows }: LayerStep): string {
  const of = (wanted: SweepRow['kind']) => {
    const row = rows.find(({ kind }) => kind === wanted);
    return row ? time(row.time.median) : 'a time unknown';
  };
  return (
    `${tokens === 1 ? 'For one token' : `For ${tokens} tokens at once`} the MoE takes ${of('moe')}, a dense layer of the same ` +
    `active size ${of('same-active')}, one of the same total size ${of('same-total')}.`
  );
}

/** The formula with its numbers, computed from the measured layer; null for a slice. */
export function wholeModelWords({ wholeModel, limits, decode }: LayerTiming): string | null {
  const layer = decode.rows.find(({ kind }) => kind === 'moe');
  if (!wholeModel || !layer) return null;
  const { moeLayers, otherBytes, milliseconds } = wholeModel;
  return (
    `${moeLayers} MoE layers × ${time(layer.time.median)} + ${bytes(otherBytes)} of all its other weights ÷ ` +
    `${short(limits.read.rate)}B/s of measured read bandwidth = ${time(milliseconds)}`
  );
}
