/**
 * A model file on a server, read by ranges. What the server says is held against what was asked for: a wrong byte in a
 * weight would show nowhere else. Only a plain `Range: bytes=a-b` is sent, which needs no permission across origins.
 */
import { UserError } from './errors.ts';
import type { ByteSource } from './source.ts';

export interface HttpOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds before the first of the attempts that follow a broken connection. */
  readonly pause?: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** Attempts without a single new byte. */
const ATTEMPTS = 4;
const FIRST = 1 << 16;

const RETRY = 'Check the connection and try again.';
const DROP = 'Download the file with the browser, then choose or drop it here.';

const network = (message: string, hint = RETRY) => new UserError('network', message, hint);

/** What a response says of the bytes it carries. */
interface Part {
  readonly from: number;
  readonly total: number;
}

/** `bytes a-b/total`, or null where that is not what it says. */
function partOf(response: Response): (Part & { readonly to: number }) | null {
  const [, from, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return total === undefined ? null : { from: Number(from), to: Number(last) + 1, total: Number(total) };
}

export interface HttpSource extends ByteSource {
  /** The server's own name for this version of the file (ETag), where it gives one. */
  readonly tag: string | null;
}

/** Bytes of a file on a server, from the first few of them; null where the server does not say. @throws UserError network */
export async function remoteSize(url: string, options: HttpOptions = {}): Promise<number | null> {
  const file = new RemoteFile(url, options);
  return (await file.open()) ? file.bytes : file.announced;
}

/** A server that sends ranges; null where it sends only whole files. @throws UserError network, bad-file */
export async function httpSource(url: string, options: HttpOptions = {}): Promise<HttpSource | null> {
  const file = new RemoteFile(url, options);
  return (await file.open()) ? file : null;
}

class RemoteFile implements HttpSource {
  bytes = 0;
  /** What a server that sends no ranges says. */
  announced: number | null = null;
  tag: string | null = null;
  private readonly host: string;
  private readonly signal: AbortSignal | undefined;
  private readonly pause: number;
  private readonly fetch: typeof globalThis.fetch;
  /** Its parts come without a Content-Range that this page may see. */
  private hidden = false;
  /** What the first question brought. */
  private head: Uint8Array = new Uint8Array(0);

  constructor(
    readonly url: string,
    { signal, pause = 500, fetch = globalThis.fetch.bind(globalThis) }: HttpOptions,
  ) {
    this.host = new URL(url).host;
    this.signal = signal;
    this.pause = pause;
    this.fetch = fetch;
  }

  async open(): Promise<boolean> {
    const response = await this.ask(0, FIRST);
    if (response.status === 200) {
      this.announced = Number(response.headers.get('content-length')) || null;
      await response.body?.cancel();
      return false;
    }
    const part = partOf(response) ?? (await this.unseen());
    if (!part) {
      await response.body?.cancel();
      throw network(`${this.host} does not say how large the file is.`, DROP);
    }
    this.bytes = part.total;
    this.tag = response.headers.get('etag');
    if (part.from !== 0 || part.to !== Math.min(FIRST, part.total)) throw this.otherBytes();
    const head = new Uint8Array(part.to);
    const got = await this.fill(response, head, 0);
    // A connection that broke so early is tried again by the first read.
    if (got === head.length) this.head = head;
    return true;
  }

  /**
   * A server of another origin may keep its Content-Range to itself. Then the size is that of a plain request, whose body
   * nobody reads, and its parts are taken for what was asked for, as long as their lengths are.
   */
  private async unseen(): Promise<(Part & { readonly to: number }) | null> {
    const response = await this.ask();
    const total = response.status === 200 ? Number(response.headers.get('content-length')) : 0;
    await response.body?.cancel();
    if (!total) return null;
    this.hidden = true;
    return { from: 0, to: Math.min(FIRST, total), total };
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    if (to <= this.head.length) return this.head.subarray(from, to);
    const out = new Uint8Array(to - from);
    let done = 0;
    for (let failed = 0; done < out.length; ) {
      this.signal?.throwIfAborted();
      const got = await this.attempt(from + done, to, out.subarray(done));
      done += got;
      failed = got > 0 ? 0 : failed + 1;
      if (done === out.length) break;
      if (failed === ATTEMPTS)
        throw network(`The connection to ${this.host} broke after ${from + done} of ${this.bytes} bytes of the model.`);
      await new Promise((resolve) => setTimeout(resolve, this.pause * 2 ** failed));
    }
    return out;
  }

  /** How many of the bytes came, from the first on. */
  private async attempt(from: number, to: number, out: Uint8Array): Promise<number> {
    let response: Response;
    try {
      response = await this.ask(from, to);
    } catch (error) {
      // Only a connection that could not be had is worth another attempt.
      if (error instanceof UserError && error.hint === RETRY) return 0;
      throw error;
    }
    const part = partOf(response) ?? (this.hidden && response.status === 206 ? { from, to, total: this.bytes } : null);
    const tag = response.headers.get('etag');
    const whole = response.status === 200;
    const length = Number(response.headers.get('content-length')) || this.bytes;
    if ((part?.total ?? length) !== this.bytes || (this.tag !== null && tag !== null && tag !== this.tag)) {
      await response.body?.cancel();
      throw new UserError('bad-file', `The file on ${this.host} changed while it was read.`, 'Open it again.');
    }
    if (whole) {
      await response.body?.cancel();
      throw network(`${this.host} sends no parts of the file any more.`, DROP);
    }
    if (part?.from !== from || part.to > to) {
      await response.body?.cancel();
      throw this.otherBytes();
    }
    return this.fill(response, out, part.to - part.from);
  }

  /** Bytes [from, to), or the whole file. */
  private async ask(from?: number, to = 0): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetch(this.url, {
        ...(from !== undefined && { headers: { range: `bytes=${from}-${to - 1}` } }),
        ...(this.signal && { signal: this.signal }),
      });
    } catch {
      this.signal?.throwIfAborted();
      if (this.bytes > 0) throw network('again');
      throw network(`${this.host} did not answer, or does not let other pages read the file.`, DROP);
    }
    const { status } = response;
    if (status === 200 || status === 206) return response;
    await response.body?.cancel();
    if (status === 429 || status >= 500) throw network(`${this.host} answered ${status}.`);
    if (status === 401 || status === 403)
      throw network(`${this.host} gives this file only to those who have signed in (${status}).`, DROP);
    if (status === 416 && this.bytes > 0)
      throw network(`${this.host} does not give a part of the file that it has said it has.`, DROP);
    throw network(`There is no such file on ${this.host} (${status}).`, 'Look at the address.');
  }

  /** Reads the body to its end or to where it breaks; more than was announced is a lie. `most`: 0 where `out` says it. */
  private async fill(response: Response, out: Uint8Array, most: number): Promise<number> {
    let done = 0;
    const reader = response.body!.getReader();
    try {
      for (;;) {
        const { done: ended, value } = await reader.read();
        if (ended) return done;
        if (done + value.length > (most || out.length)) {
          await reader.cancel();
          throw this.otherBytes();
        }
        out.set(value, done);
        done += value.length;
      }
    } catch (error) {
      if (error instanceof UserError) throw error;
      this.signal?.throwIfAborted();
      return done;
    }
  }

  private otherBytes(): UserError {
    return new UserError('bad-file', `${this.host} sends other bytes than it is asked for.`, DROP);
  }
}
