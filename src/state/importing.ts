/** Traces from elsewhere: shown in place of the text, which comes back untouched when they are left. */
import { parseTrace } from '../engine/parseTrace.ts';
import { NO_EXPERT } from '../engine/types.ts';
import { UserError } from '../model/errors.ts';
import { chunkOfTrace } from './chunks.ts';
import { asFault } from './faults.ts';
import type { Session } from './session.ts';
import { openScenes } from './stage/lists.ts';
import { isSceneList } from './stage/scenes.ts';
import type { Chunk, TraceStore } from './trace-store.ts';

const MOST_BYTES = 128e6;
/** What the views draw without losing frames; larger models than any that is published. */
const MOST_LAYERS = 256;
const MOST_EXPERTS = 1024;

const tooBig = (message: string) =>
  new UserError('bad-file', message, 'Export a shorter run, or leave out “probabilities”.');

/** All that the store holds, as one chunk that another store can take. */
function wholeOf(trace: TraceStore): Chunk {
  const { count, shape } = trace;
  const { layers, experts } = shape;
  let slots = 1;
  for (let at = 0; at < count; at++) {
    for (let layer = 0; layer < layers; layer++) slots = Math.max(slots, trace.chosen(at, layer));
  }
  const expertIds = new Uint16Array(count * layers * slots).fill(NO_EXPERT);
  const gateWeights = new Float32Array(count * layers * slots);
  const complete = count > 0 && trace.router(0, 0) !== null;
  const probabilities = complete ? new Float32Array(count * layers * experts) : null;
  for (let at = 0; at < count; at++) {
    for (let layer = 0; layer < layers; layer++) {
      const row = at * layers + layer;
      for (let rank = 0; rank < trace.chosen(at, layer); rank++) {
        expertIds[row * slots + rank] = trace.expert(at, layer, rank);
        gateWeights[row * slots + rank] = trace.gate(at, layer, rank);
      }
      probabilities?.set(trace.router(at, layer)!, row * experts);
    }
  }
  return {
    position: 0,
    count,
    promptCount: trace.promptCount,
    texts: [...trace.texts],
    ids: [...trace.ids],
    pending: trace.pending,
    slots,
    expertIds,
    gateWeights,
    probabilities,
    candidates: [...trace.candidates],
    changes: [...trace.changes],
  };
}

/** Puts the text aside; the answer brings it back as it was. */
async function putAside(session: Session): Promise<() => void> {
  const { trace } = session;
  const goOn = await session.writing.setAside();
  const chunk = wholeOf(trace);
  const shape = { ...trace.shape };
  const [source, phase, end] = [session.source.get(), session.phase.get(), session.end.get()];
  return () => {
    session.selection.forgetTokens();
    trace.clear(shape);
    trace.append(chunk);
    session.selection.fit(shape);
    session.source.set(source);
    session.end.set(end);
    session.phase.set(phase);
    goOn();
  };
}

/** Shows a trace file, or begins the talk of a list of scenes; or says in one sentence why it cannot be shown; then nothing has changed. */
export async function importTrace(session: Session, from: Blob | string, name: string): Promise<void> {
  try {
    const size = typeof from === 'string' ? from.length : from.size;
    if (size > MOST_BYTES) {
      throw tooBig(`This trace has ${Math.round(size / 1e6)} MB; up to ${MOST_BYTES / 1e6} MB can be shown.`);
    }
    const text = typeof from === 'string' ? from : await from.text();
    if (isSceneList(text)) return openScenes(session, text);
    const file = parseTrace(text);
    const { layers, experts, expertsPerToken } = file.model;
    if (layers > MOST_LAYERS || experts > MOST_EXPERTS) {
      throw tooBig(
        `This trace has ${layers} layers of ${experts} experts; up to ${MOST_LAYERS} of ${MOST_EXPERTS} can be shown.`,
      );
    }
    const chunk = chunkOfTrace(file);
    const shape = { layers, experts, perToken: expertsPerToken };
    // A second trace takes the place of the first; what stood before both is what comes back.
    if (session.source.get().kind !== 'imported') session.aside = await putAside(session);
    session.clearNotice();
    session.selection.forgetTokens();
    session.trace.clear(shape);
    session.trace.append(chunk);
    session.selection.fit(shape);
    session.end.set(null);
    session.phase.set('ended');
    session.source.set({
      kind: 'imported',
      name,
      model: file.model.name,
      device: file.device,
      created: file.created,
    });
  } catch (thrown) {
    session.tell(asFault(thrown, 'This file could not be read.'), 'fault', ['dismiss']);
  }
}

/** Back to the text that stood there before. */
export function leaveImport(session: Session): void {
  session.aside?.();
  session.aside = null;
}

const head = async (file: Blob) => new Uint8Array(await file.slice(0, 512).arrayBuffer());

/** Opens what was dropped, pasted or chosen, by what is in it: a GGUF model or a trace. */
export async function openAny(session: Session, file: File): Promise<void> {
  let first: string;
  try {
    first = new TextDecoder().decode(await head(file));
  } catch (thrown) {
    session.tell(asFault(thrown, 'This file could not be read.'), 'fault', ['dismiss']);
    return;
  }
  if (first.startsWith('GGUF') || /\.gguf$/i.test(file.name)) return session.opening.openFile(file);
  if (/^[\s\ufeff]*[{[]/.test(first) || /\.json$/i.test(file.name)) return importTrace(session, file, file.name);
  const message = `${file.name.slice(0, 60) || 'This file'} is no GGUF model, no moescope trace and no list of scenes.`;
  session.tell({ code: 'bad-file', message, hint: '' }, 'fault', ['dismiss']);
}
