/** What an element's attributes say that its text comes from. */
import type { Place } from '../state/session/session-types.ts';

const DEVICES = ['auto', 'cpu', 'recorded'] as const;

export function sourceOf(element: Element): Pick<Place, 'device' | 'recording'> {
  const named = element.getAttribute('recording');
  if (named) return { device: 'recorded', recording: new URL(named, element.baseURI).href };
  return { device: DEVICES.find((each) => each === element.getAttribute('device')) ?? 'auto', recording: null };
}
