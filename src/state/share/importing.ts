/** Traces from elsewhere: shown in place of the text, which comes back untouched when they are left. */

import { isPacked } from '../../engine/packed.ts';
import type { TraceAbout } from '../../engine/traceColumns.ts';
import { namesProblem, wholeName } from '../../model/parts.ts';
import type { ReadTrace } from '../../worker/protocol.ts';
import { asFault, isCancelled } from '../session/faults.ts';
import type { Session } from '../session/session.ts';
import type { Source } from '../session/session-types.ts';
import { turn } from '../session/turn.ts';
import { openScenes } from '../stage/lists.ts';
import { isSceneList, MOST_BYTES } from '../stage/scenes.ts';
import { chunkOfPiece } from '../text/chunks.ts';

/** Characters of the beginning that tell a list of scenes from a trace. */
const HEAD = 4096;
/** Numbers that are taken at once: a few milliseconds. */
const PIECE = 1 << 17;

/** Puts the text aside; the answer brings it back as it was. In the place of one whose model has given way to another stands an empty one. */
function putAside(session: Session): () => void {
  const { trace } = session;
  const live = session.source.get().kind === 'live';
  const writer = session.opened.get()?.model;
  const goOn = session.writing.setAside();
  const showAgain = session.shown.putAside();
  const putBack = trace.takeOut();
  return () => {
    const now = session.opened.get()?.model;
    if (live && now && now !== writer) return session.writing.showLive();
    session.selection.forgetTokens();
    putBack();
    session.selection.fit(trace.shape);
    showAgain();
    goOn();
  };
}

/** Shows a trace file, or begins the talk of a list of scenes; or says in one sentence why it cannot be shown; then nothing has changed. */
export async function importTrace(
  session: Session,
  from: Blob | string,
  name: string,
  mine = brings(session),
): Promise<void> {
  try {
    const beginning = typeof from === 'string' ? from.slice(0, HEAD) : await from.slice(0, HEAD).text();
    if (!mine()) return;
    if (isSceneList(beginning)) return await importScenes(session, from, mine);
    if (isCard(beginning)) return await importCard(session, from, mine);
    const { number, about } = await read(session, from, name);
    const file = typeof from === 'string' ? new Blob([from], { type: 'application/json' }) : from;
    if (mine()) await show(session, number, about, { name, file, mine });
  } catch (thrown) {
    if (isCancelled(thrown) || !mine()) return;
    session.tell(asFault(thrown, 'This file could not be read.'), 'fault', ['dismiss']);
  }
}

async function importScenes(session: Session, from: Blob | string, mine: () => boolean): Promise<void> {
  // One character more than may be is refused with the right words.
  const text = typeof from === 'string' ? from : await from.slice(0, MOST_BYTES + 1).text();
  if (mine()) openScenes(session, text);
}

/** A result card is JSON that begins with its title and the link that repeats it. */
const isCard = (beginning: string): boolean => /^\s*\{\s*"title":\s*"[^"]*",\s*"link":/.test(beginning);

/** Puts it into the table of the results of others, for this visit. */
async function importCard(session: Session, from: Blob | string, mine: () => boolean): Promise<void> {
  const { MOST_CHARACTERS, readCard } = await import('../results/reader.ts');
  const text = typeof from === 'string' ? from : await from.slice(0, 4 * MOST_CHARACTERS).text();
  if (!mine()) return;
  session.comparing.bring(readCard(text));
  session.show('results');
}

/** Of each page, how many files were brought. */
const brought = new WeakMap<Session, number>();

/** One more file is brought. The answer says whether it is still the newest: an older one that is slow to be read gives way. */
function brings(session: Session): () => boolean {
  const number = (brought.get(session) ?? 0) + 1;
  brought.set(session, number);
  return () => brought.get(session) === number;
}

/** In the worker, while the page goes on. */
async function read(session: Session, from: Blob | string, name: string): Promise<ReadTrace> {
  const reading = session.files.begin(name);
  try {
    return await session.client.readTrace(from, reading.told);
  } finally {
    reading.end();
  }
}

/** Stops the reading of a file; what stands there stays. */
export function cancelReading(session: Session): void {
  brings(session);
  session.client.dropTrace();
  session.files.stop();
}

interface Brought {
  readonly name: string;
  readonly file: Blob;
  /** No other was brought since. */
  readonly mine: () => boolean;
}

/** Takes the place of the text, a piece at a time. Whoever leaves the trace meanwhile, or brings another, ends it. */
async function show(session: Session, number: number, about: TraceAbout, { name, file, mine }: Brought): Promise<void> {
  const { client, trace } = session;
  const { layers, experts, expertsPerToken } = about.model;
  const take = Math.max(1, Math.min(256, Math.floor(PIECE / (layers * (2 * about.slots + experts)))));
  const piece = (at: number) => client.tracePiece(number, at, Math.min(about.count, at + take));
  // What cannot be had changes nothing.
  let next = await piece(0);
  if (!mine()) return;
  // A second trace takes the place of the first; what stood before both is what comes back.
  if (session.source.get().kind !== 'imported') {
    await session.writing.land();
    if (!mine()) return;
    session.aside = putAside(session);
  }
  const { model, device, created, card } = about;
  const source: Source = { kind: 'imported', name, model: model.name, device, created, file, card };
  session.clearNotice();
  session.selection.forgetTokens();
  trace.clear({ layers, experts, expertsPerToken });
  session.shown.bring(source);
  session.selection.fit(trace.shape);
  try {
    for (let at = 0; at < about.count; at += take) {
      if (at > 0) next = await piece(at);
      await turn();
      if (session.source.get() !== source) return;
      trace.append(chunkOfPiece(next, about));
    }
    client.dropTrace();
  } catch (thrown) {
    if (session.source.get() !== source) return;
    leaveImport(session);
    throw thrown;
  }
}

/** Back to the text that stood there before. */
export function leaveImport(session: Session): void {
  // Another text may have taken the trace's place.
  if (session.aside && session.source.get().kind === 'imported') session.aside();
  session.aside = null;
}

const head = async (file: Blob) => new Uint8Array(await file.slice(0, 512).arrayBuffer());

/** Several files are one model, or nothing: all are its parts. */
async function openParts(session: Session, files: readonly File[]): Promise<void> {
  brings(session);
  const message = namesProblem(files.map(({ name }) => name));
  if (message === null) return session.opening.openFiles(wholeName(files[0].name), files);
  session.tell({ code: 'bad-file', message, hint: '' }, 'fault', ['dismiss']);
}

/** Opens what was dropped, pasted or chosen, by what is in it: a GGUF model or a trace. */
export async function openAny(session: Session, files: readonly File[]): Promise<void> {
  if (files.length > 1) return openParts(session, files);
  const [file] = files;
  const mine = brings(session);
  let first: string;
  let isRecording = false;
  try {
    const bytes = await head(file);
    isRecording = isPacked(bytes);
    first = new TextDecoder().decode(bytes);
  } catch (thrown) {
    if (mine()) session.tell(asFault(thrown, 'This file could not be read.'), 'fault', ['dismiss']);
    return;
  }
  if (!mine()) return;
  if (first.startsWith('GGUF') || /\.gguf$/i.test(file.name)) return session.opening.openFiles(file.name, files);
  if (isRecording || /^[\s\ufeff]*[{[]/.test(first) || /\.json$/i.test(file.name))
    return importTrace(session, file, file.name, mine);
  const message = `${file.name.slice(0, 60) || 'This file'} is no GGUF model, no moescope trace and no list of scenes.`;
  session.tell({ code: 'bad-file', message, hint: '' }, 'fault', ['dismiss']);
}
