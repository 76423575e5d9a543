/** A run to be shown where its model is not: its trace without the experts that were not chosen, and what its model is. */
import { packed } from '../../engine/packed.ts';
import type { ModelCard, TraceFile } from '../../engine/trace.ts';
import type { Session } from '../session/session.ts';
import { traceFile } from './exporting.ts';

/** Of gate weights: as many as a view shows. */
const DIGITS = 4;

/** What of a trace is kept, packed. */
export function recordingOf({ probabilities: _, ...trace }: TraceFile, card: ModelCard): Promise<Blob> {
  const gateWeights = trace.gateWeights.map((token) =>
    token.map((row) => row.map((weight) => Number(weight.toFixed(DIGITS)))),
  );
  return packed(JSON.stringify({ ...trace, card, gateWeights }));
}

/** The text so far as a recording; null where the open model has written none. What was a recording is that file. */
export async function recordingBlob(session: Session): Promise<Blob | null> {
  const source = session.source.get();
  if (source.kind === 'imported') return source.card ? source.file : null;
  const [trace, engine] = [traceFile(session), session.engine.get()];
  if (source.kind !== 'live' || !trace || engine.phase !== 'ready') return null;
  const { FILES } = await import('../elsewhere/files.ts');
  const known = FILES.find(({ url }) => url === engine.url);
  return recordingOf(trace, {
    parameters: engine.opened.model.parameters,
    from: engine.url ?? engine.title,
    ...(known && { by: known.by, licence: known.licence }),
  });
}
