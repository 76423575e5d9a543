/** A link meets a model: layers and experts that it does not have. */
import type { Intervention } from '../../engine/interventions.ts';
import type { Shape } from '../trace-store.ts';
import type { ReadState } from './address.ts';
import type { PageState } from './types.ts';

const last = (count: number) => `the last is ${count - 1}`;

/**
 * What of the state a model of this shape can show. A layer to look at is brought into range; an intervention on an expert
 * that is not there is left out, because another expert would be another experiment.
 */
export function fitToShape(state: PageState, { layers, experts }: Shape): ReadState {
  const complaints: string[] = [];
  const layer = state.layer === null ? null : Math.min(state.layer, layers - 1);
  if (layer !== state.layer) complaints.push(`layer ${state.layer} (${last(layers)})`);
  const there = (cell: { layer: number; expert: number }) => {
    if (cell.layer < layers && cell.expert < experts) return true;
    complaints.push(`expert ${cell.expert} of layer ${cell.layer} (there are ${layers} layers of ${experts})`);
    return false;
  };
  const interventions = state.interventions.flatMap((each) => fitOne(each, { layers, experts }, there, complaints));
  return { state: { ...state, layer, interventions, experts: state.experts.filter(there) }, complaints };
}

function fitOne(
  intervention: Intervention,
  { layers, experts }: { layers: number; experts: number },
  there: (cell: { layer: number; expert: number }) => boolean,
  complaints: string[],
): Intervention[] {
  switch (intervention.kind) {
    case 'off':
    case 'force':
    case 'bias':
      return there(intervention) ? [intervention] : [];
    case 'k':
    case 'route': {
      if (intervention.layer !== null && intervention.layer >= layers) {
        complaints.push(`layer ${intervention.layer} (${last(layers)})`);
        return [];
      }
      if (intervention.kind === 'route' || intervention.k <= experts) return [intervention];
      complaints.push(`k ${intervention.k} (${experts} is taken)`);
      return [{ ...intervention, k: experts }];
    }
    case 'frozen':
      return [intervention];
  }
}

const SAID = 4;

/** All complaints about a link as one sentence; null when there are none. */
export function complaint(complaints: readonly string[]): string | null {
  const different = [...new Set(complaints)];
  if (!different.length) return null;
  const more = different.length > SAID ? `, and ${different.length - SAID} more` : '';
  return `Not all of this link could be taken as it stands: ${different.slice(0, SAID).join(', ')}${more}.`;
}
