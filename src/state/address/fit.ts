/** A link meets a model: layers and experts that it does not have. */
import type { Shape } from '../text/trace-store.ts';
import type { ReadState } from './address.ts';
import { fitIntervention, lastOf } from './interventions.ts';
import type { PageState } from './keys.ts';

/**
 * What of the state a model of this shape can show. A layer to look at is brought into range; an intervention on an expert
 * that is not there is left out, because another expert would be another experiment.
 */
export function fitToShape(state: PageState, { layers, experts }: Shape): ReadState {
  const complaints: string[] = [];
  const layer = state.layer === null ? null : Math.min(state.layer, layers - 1);
  if (layer !== state.layer) complaints.push(`layer ${state.layer} (${lastOf(layers)})`);
  const there = (cell: { layer: number; expert: number }) => {
    if (cell.layer < layers && cell.expert < experts) return true;
    complaints.push(`expert ${cell.expert} of layer ${cell.layer} (there are ${layers} layers of ${experts})`);
    return false;
  };
  const interventions = state.interventions.flatMap((each) =>
    fitIntervention(each, { layers, experts }, there, complaints),
  );
  return { state: { ...state, layer, interventions, experts: state.experts.filter(there) }, complaints };
}

const SAID = 4;

/** All complaints about a link as one sentence; null when there are none. */
export function complaint(complaints: readonly string[]): string | null {
  const different = [...new Set(complaints)];
  if (!different.length) return null;
  const more = different.length > SAID ? `, and ${different.length - SAID} more` : '';
  return `Not all of this link could be taken as it stands: ${different.slice(0, SAID).join(', ')}${more}.`;
}
