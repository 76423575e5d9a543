/** Fetches a model file with real byte progress, and refuses one that is not what the index says. */
import { UserError } from '../engine/types.ts';
import { checkFileSize } from '../model/fileSize.ts';

export interface DownloadOptions {
  /** Expected size and hash, where the index knows them. */
  readonly bytes?: number;
  readonly sha256?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Whoever waits for a file. */
interface Waiting {
  readonly onProgress: DownloadOptions['onProgress'];
}

interface Arriving {
  readonly bytes: Promise<Uint8Array>;
  readonly waiting: Set<Waiting>;
  readonly stop: AbortController;
  /** What has been told last. */
  last: readonly [done: number, total: number] | null;
}

/** Files on their way, and those that a model still stands on: several on one page fetch it once, whatever caches do. */
const arriving = new Map<string, Arriving>();
const held = new Map<string, WeakRef<ArrayBufferLike>>();

/**
 * What some cache holds damaged is fetched once more, past every cache.
 * @throws UserError network, bad-download; the signal's reason when aborted.
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, onProgress, bytes, sha256 } = options;
  signal.throwIfAborted();
  // Without its hash nothing tells whether a file is still the same.
  const key = sha256 === undefined ? null : `${url} ${bytes} ${sha256}`;
  if (key === null) return fetchWhole(url, options);
  const kept = held.get(key)?.deref();
  if (kept) {
    onProgress(kept.byteLength, kept.byteLength);
    return new Uint8Array(kept);
  }
  const file = arriving.get(key) ?? begin(key, url, options);
  const me: Waiting = { onProgress };
  file.waiting.add(me);
  if (file.last) onProgress(...file.last);
  return new Promise((resolve, reject) => {
    const leave = () => {
      file.waiting.delete(me);
      // A file that nobody waits for any more is not fetched to its end, and whoever comes then begins anew.
      if (!file.waiting.size) forget(key, file);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    file.bytes.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

function begin(key: string, url: string, { bytes, sha256 }: DownloadOptions): Arriving {
  const stop = new AbortController();
  const waiting = new Set<Waiting>();
  const onProgress = (done: number, total: number) => {
    file.last = [done, total];
    for (const each of waiting) each.onProgress(done, total);
  };
  const whole = fetchWhole(url, { bytes, sha256, signal: stop.signal, onProgress });
  const file: Arriving = { bytes: whole, waiting, stop, last: null };
  arriving.set(key, file);
  whole
    .then(({ buffer }) => held.set(key, new WeakRef(buffer)))
    .catch(() => {}) // Told to those who wait.
    .finally(() => forget(key, file));
  return file;
}

function forget(key: string, file: Arriving): void {
  if (arriving.get(key) === file) arriving.delete(key);
  file.stop.abort(new DOMException('Nobody waits for it.', 'AbortError'));
}

async function fetchWhole(url: string, options: DownloadOptions): Promise<Uint8Array> {
  try {
    return await attempt(url, options, 'default');
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'bad-download') throw error;
    return attempt(url, options, 'reload');
  }
}

async function attempt(url: string, options: DownloadOptions, cache: RequestCache): Promise<Uint8Array> {
  const { signal, onProgress } = options;
  let response: Response;
  try {
    response = await fetch(url, { signal, cache });
  } catch {
    signal.throwIfAborted();
    throw new UserError('network', 'The model could not be fetched: the network did not answer.', RETRY);
  }
  if (!response.ok || !response.body) {
    throw new UserError('network', `The model could not be fetched: the server answered ${response.status}.`, RETRY);
  }
  const total = options.bytes ?? Number(response.headers.get('content-length') ?? 0);
  checkFileSize(total);
  const parts: Uint8Array[] = [];
  let done = 0;
  onProgress(0, total);
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done: ended, value } = await reader.read();
      if (ended) break;
      parts.push(value);
      done += value.length;
      onProgress(done, Math.max(done, total));
    }
  } catch {
    signal.throwIfAborted();
    throw new UserError('network', `The connection broke after ${done} of ${total} bytes of the model.`, RETRY);
  }
  const bytes = new Uint8Array(done);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  await verify(bytes, options);
  return bytes;
}

const RETRY = 'Check the connection and try again.';

async function verify(bytes: Uint8Array<ArrayBuffer>, options: DownloadOptions): Promise<void> {
  if (options.bytes !== undefined && bytes.length !== options.bytes) {
    const message = `The model arrived with ${bytes.length} bytes instead of ${options.bytes}.`;
    throw new UserError('bad-download', message, RETRY);
  }
  // crypto.subtle exists in secure contexts alone; the size and the file's own structure are checked in any case.
  if (options.sha256 === undefined || !globalThis.crypto?.subtle) return;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== options.sha256) {
    const message = 'The model arrived damaged: its SHA-256 is not the one in the index.';
    throw new UserError('bad-download', message, RETRY);
  }
}
