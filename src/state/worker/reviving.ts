/** Hands the text to a new worker, after the one that wrote it died. */
import { NO_EXPERT } from '../../engine/types.ts';
import type { Opened } from '../../worker/protocol.ts';
import type { Page } from '../session/page.ts';
import type { TraceStore } from '../text/trace-store.ts';

/** The text goes on where it stands; false where one has to begin anew, as no token was drawn yet. */
export async function takeUp(session: Page, { info }: Opened, goesOn: boolean): Promise<boolean> {
  const { trace, writing } = session;
  if (!trace.candidates.at(-1)?.length) {
    if (goesOn) writing.ask();
    return false;
  }
  await session.client.takeText({
    ids: [...trace.ids],
    promptTokens: trace.promptCount,
    changes: [...trace.changes],
    interventions: session.interventions.get(),
    ...routedOf(trace),
  });
  session.moved(info);
  if (writing.asked.get()) await writing.write();
  else if (goesOn && session.phase.get() === 'paused') await writing.toggle();
  return true;
}

/** Which experts every token was routed to, as the worker keeps it. */
function routedOf(trace: TraceStore): { slots: number; expertIds: Uint16Array; gateWeights: Float32Array } {
  const { count, shape } = trace;
  const { layers } = shape;
  let slots = 1;
  for (let at = 0; at < count; at++) {
    for (let layer = 0; layer < layers; layer++) slots = Math.max(slots, trace.chosen(at, layer));
  }
  const expertIds = new Uint16Array(count * layers * slots).fill(NO_EXPERT);
  const gateWeights = new Float32Array(count * layers * slots);
  for (let at = 0; at < count; at++) {
    for (let layer = 0; layer < layers; layer++) {
      const row = (at * layers + layer) * slots;
      for (let rank = 0; rank < trace.chosen(at, layer); rank++) {
        expertIds[row + rank] = trace.expert(at, layer, rank);
        gateWeights[row + rank] = trace.gate(at, layer, rank);
      }
    }
  }
  return { slots, expertIds, gateWeights };
}
