/** Going on with the experts that are here: everything that would have to be fetched is left out, as one intervention. */
import { chosenPerToken, type Intervention } from '../../engine/interventions.ts';
import type { ModelInfo } from '../../engine/types.ts';
import type { Residency } from '../../worker/protocol.ts';
import type { Page } from '../session/page.ts';

/**
 * What has to be added to `list` so that no token asks for an expert that is not here: those off, and fewer experts a token
 * where a layer keeps too few; or the number of a layer that would have none.
 */
export function withoutAway(
  { away, expertBytes }: Pick<Residency, 'away' | 'expertBytes'>,
  model: Pick<ModelInfo, 'layers' | 'experts' | 'expertsPerToken'>,
  list: readonly Intervention[],
): readonly Intervention[] | number {
  const left: Intervention[] = [];
  for (let layer = 0; layer < model.layers; layer++) {
    if (!expertBytes[layer]) continue;
    const before = new Set(list.flatMap((each) => (each.kind === 'off' && each.layer === layer ? [each.expert] : [])));
    const missing = away[layer].filter((expert) => !before.has(expert));
    const stay = model.experts - before.size - missing.length;
    if (stay < 1) return layer;
    for (const expert of missing) left.push({ kind: 'off', layer, expert });
    if (stay < chosenPerToken(model, list, layer)) left.push({ kind: 'k', layer, k: stay });
  }
  return left;
}

/** Leaves out what is not here, and the text that waits for it goes on. */
export async function goWithout(session: Page): Promise<void> {
  const opened = session.opened.get();
  const residency = await session.client.residency().catch(() => null);
  if (!opened || !residency) return;
  const list = session.interventions.get();
  const left = withoutAway(residency, opened.model, list);
  if (typeof left === 'number') {
    const message = `Of layer ${left} no expert is here yet, so the text cannot go on without waiting.`;
    session.tell({ code: 'experts-away', message, hint: 'It goes on by itself when they come.' }, 'news');
    return;
  }
  const out = new Set(left.map((each) => ('expert' in each ? `${each.layer}:${each.expert}` : '')));
  // One that is not here cannot be forced.
  const others = list.filter((each) => each.kind !== 'force' || !out.has(`${each.layer}:${each.expert}`));
  session.leaveOut(left);
  await session.setInterventions([...others, ...left]);
}
