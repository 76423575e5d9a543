/** What can be taken away from the page: the trace, the loads, and the words under a picture. */
import { isPacked, textOf } from '../../engine/packed.ts';
import { type TraceFile, writeTrace } from '../../engine/trace.ts';
import type { Session } from '../session/session.ts';

/** Where the text came from, as far as the page knows. */
function origin(session: Session) {
  const source = session.source.get();
  // Another model may be on its way by now, or none be left.
  const { writer } = session.shown;
  if (source.kind === 'live' && writer) {
    const { name, architecture } = writer;
    return { name, architecture, device: source.info, sampling: session.writing.begun.sampling };
  }
  if (source.kind === 'recorded') return { ...source, name: source.model };
  if (source.kind === 'imported') return { ...source, name: source.model, architecture: '', sampling: null };
  return null;
}

/** The text so far as a trace file; null when there is none. What came from a file is that file, unpacked, with all that it says. */
export async function traceBlob(session: Session): Promise<Blob | null> {
  const source = session.source.get();
  if (source.kind === 'imported') {
    const { file } = source;
    if (!isPacked(new Uint8Array(await file.slice(0, 2).arrayBuffer()))) return file;
    return new Blob([await textOf(file, () => {})], { type: 'application/json' });
  }
  const file = traceFile(session);
  return file && new Blob([JSON.stringify(file)], { type: 'application/json' });
}

export function traceFile(session: Session): TraceFile | null {
  const { trace } = session;
  const from = origin(session);
  if (!from || !trace.count) return null;
  const { layers, experts, expertsPerToken } = trace.shape;
  const head = {
    model: { name: from.name, architecture: from.architecture, layers, experts, expertsPerToken },
    device: from.device,
    sampling: from.sampling,
    promptTokens: trace.promptCount,
    changes: trace.changes,
  };
  return writeTrace(head, {
    count: trace.count,
    id: (t) => trace.ids[t],
    text: (t) => trace.texts[t],
    candidates: (t) => trace.candidates[t],
    experts: (t, layer) =>
      Array.from({ length: trace.chosen(t, layer) }, (_, rank) => ({
        expert: trace.expert(t, layer, rank),
        weight: trace.gate(t, layer, rank),
      })),
    probabilities: (t, layer) => trace.router(t, layer),
  });
}

/** The wall as figures, one line an expert. Shares with six digits, chance beside them. */
export function loadsCsv({ trace }: Session): string {
  const { layers, experts } = trace.shape;
  const lines = [
    'layer,expert,assignments,share_of_assignments,chance_of_assignments,share_of_tokens,chance_of_tokens',
  ];
  for (let layer = 0; layer < layers; layer++) {
    for (let expert = 0; expert < experts; expert++) {
      const shares = (['assignments', 'tokens'] as const).flatMap((of) => [
        trace.share(layer, expert, of).toFixed(6),
        trace.chance(layer, of).toFixed(6),
      ]);
      lines.push([layer, expert, trace.load[layer * experts + expert], ...shares].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What a picture must say to be understood elsewhere. */
export function caption(session: Session, today = new Date()): string {
  const { trace } = session;
  const source = session.source.get();
  const from = origin(session);
  if (!from) return 'moescope';
  const device = from.device.kind === 'cpu' ? `${from.device.name} (CPU)` : `${from.device.name} (WebGPU)`;
  const how = {
    live: `live on ${device}, ${today.toISOString().slice(0, 10)}`,
    recorded: `recorded on ${device}`,
    imported: `imported, from ${device}`,
    none: '',
  }[source.kind];
  const made = source.kind === 'recorded' || source.kind === 'imported' ? `, ${source.created.slice(0, 10)}` : '';
  const { experts, expertsPerToken } = trace.shape;
  const chance =
    experts > 1
      ? ` Chance: ${(100 / experts).toFixed(1)}\u00a0% of a layer’s slots, ${((100 * expertsPerToken) / experts).toFixed(1)}\u00a0% of its tokens.`
      : '';
  return `moescope: ${from.name}, ${how}${made}. ${trace.count} tokens.${chance}`;
}
