/** What says on the wall where the experts are. It is fetched once not all of them are on the GPU: else nothing of it is there. */
import { once } from '../../state/session/once.ts';
import type { Session } from '../../state/session/session.ts';
import { signal } from '../../state/session/signals.ts';
import type { Residency } from '../../worker/protocol.ts';

type Places = typeof import('../residency/places.ts');

const fetched = signal<Places | null>(null);
const fetchPlaces = once(async () => fetched.set(await import('../residency/places.ts')));

/** null where the text on the page is no model's that lacks some. */
export function placesOf(session: Session): { readonly residency: Residency; readonly places: Places } | null {
  const residency = session.residency.get();
  if (residency?.held.length !== session.shape.get().layers || session.source.get().kind !== 'live') return null;
  void fetchPlaces();
  const places = fetched.get();
  return places && { residency, places };
}
