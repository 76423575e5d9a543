/** The files that lie beside the page: the list of models, their cards, the training curves, the recording. */

import type { TraceFile } from '../../engine/trace.ts';
import type { Source } from '../session/session-types.ts';
import { turn } from '../session/turn.ts';
import { chunkOfPiece } from '../text/chunks.ts';
import { pieceOfRecording } from '../text/recording.ts';
import type { Chunk, Shape } from '../text/trace-store.ts';
import type { Catalog } from './model-list.ts';

let folder: string | null = null;
let wayOut = '';

/** Says where models/ and recordings/ lie, and what to do when they do not; beside the page when it is not called. */
export function filesAreAt(url: string, hint: string): void {
  folder = url;
  wayOut = hint;
}

/** Resolved against the folder, so that it works at any path. */
export function beside(path: string): string {
  return new URL(path, folder ?? document.baseURI).href;
}

export const HELDOUT = 'models/heldout.json';

export async function fetchJson<T>(
  path: string,
  read: (response: Response) => Promise<T> = (response) => response.json(),
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(beside(path));
  } catch {
    throw { code: 'network', message: `The network did not answer while “${path}” was fetched.`, hint: '' };
  }
  // A server that answers every unknown path with the page itself must not pass for the file.
  const isJson = !(response.headers.get('content-type') ?? '').includes('text/html');
  if (!response.ok || !isJson) {
    const elsewhere = URL.canParse(path) ? 'there' : null;
    const place = elsewhere ?? (folder === null ? 'on this server' : `at ${folder}`);
    throw { code: 'network', message: `The file “${path}” is not ${place} (${response.status}).`, hint: wayOut };
  }
  try {
    return await read(response);
  } catch {
    throw { code: 'network', message: `The file “${path}” is damaged: it is not JSON.`, hint: '' };
  }
}

export async function fetchCatalog(): Promise<Catalog> {
  // What checks the list comes with it: the first paint needs neither.
  const [list, { readCatalog }] = await Promise.all([
    fetchJson<unknown>('models/index.json'),
    import('./model-list.ts'),
  ]);
  return readCatalog(list);
}

/** A recording that is ready to be played. */
export interface Recording {
  readonly chunk: Chunk;
  readonly shape: Shape;
  readonly source: Source;
}

const RECORDING = 'recordings/default.json';

/** Bytes of a recording, unpacked: of one from elsewhere more could only be a mistake. */
const MOST_RECORDING = 2 ** 26;

async function readPacked<T>(response: Response): Promise<T> {
  const { textOf } = await import('../../engine/packed.ts');
  const text = await textOf(await response.blob(), (bytes) => {
    if (bytes > MOST_RECORDING) throw new RangeError('longer than any recording');
  });
  return JSON.parse(text);
}

/** @param url of another than the one beside the page; it may be packed */
export async function fetchRecording(url: string | null = null): Promise<Recording> {
  const path = url ?? RECORDING;
  const trace = await fetchJson<TraceFile>(path, url === null ? undefined : readPacked);
  await turn();
  try {
    const { model, device, created, promptTokens, sampling = null, interventions: changes = [], card = null } = trace;
    const chunk = chunkOfPiece(pieceOfRecording(trace)!, { promptTokens, changes });
    const shape = { layers: model.layers, experts: model.experts, expertsPerToken: model.expertsPerToken };
    const { name, architecture } = model;
    return { chunk, shape, source: { kind: 'recorded', model: name, architecture, device, created, sampling, card } };
  } catch {
    throw { code: 'network', message: `The file “${path}” is damaged.`, hint: '' };
  }
}
