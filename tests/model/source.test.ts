/** Reading a model in pieces: from memory, from a file, from servers that behave and from those that do not. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { httpSource } from '../../src/model/httpSource.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import { type ByteSource, blobSource, memorySource } from '../../src/model/source.ts';
import { residentModel } from '../../src/model/stored.ts';
import { randomModel } from './randomModel.ts';

const FILE = randomModel('qwen3moe', { seed: 3, layers: 3, experts: 16, expertHidden: 128, type: 'q8_0' });

/** What a server does with one request; false leaves it to the well-behaved one. */
type Trick = (request: IncomingMessage, response: ServerResponse, range: [number, number]) => boolean;
let trick: Trick = () => false;
const asked: [number, number][] = [];

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const range: [number, number] = [Number(from), Math.min(Number(last) + 1, FILE.length)];
  asked.push(range);
  if (trick(request, response, range)) return;
  response.writeHead(206, { etag: '"one"', 'content-range': `bytes ${range[0]}-${range[1] - 1}/${FILE.length}` });
  response.end(FILE.subarray(...range));
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
});
afterAll(() => server.close());

const HOST = () => new URL(url).host;
const open = async (behave: Trick = () => false): Promise<ByteSource | null> => {
  asked.length = 0;
  trick = behave;
  return httpSource(url, { pause: 1 });
};
const said = (error: unknown) => (error as Error).message.replace(HOST(), 'HOST');
const failure = (job: Promise<unknown>) => job.then(() => 'nothing', said);

describe('a file read in pieces', () => {
  const sources: [string, () => Promise<ByteSource>][] = [
    ['memory', async () => memorySource(FILE)],
    ['a file', async () => blobSource(new Blob([FILE as Uint8Array<ArrayBuffer>]))],
    ['a server', async () => (await open())!],
  ];
  it.each(sources)('is the same model: %s', async (_, source) => {
    const model = await openModel(await source(), 0);
    expect(model.streamed).toBe(true);
    expect(model.weights.layers[0].gate.data).toHaveLength(0);
    expect(() => createCpuEngine(model)).toThrow('in memory');
    const whole = loadModel(FILE);
    expect({ ...(await residentModel(model)).config }).toEqual(whole.config);
    const [theirs, ours] = await Promise.all(
      [whole, await residentModel(model)].map((each) => createCpuEngine(each).forward([1, 2, 3])),
    );
    expect(ours.logits).toEqual(theirs.logits);
  });

  it('of which the header alone is read at first, and nothing is fetched twice', async () => {
    const model = await openModel((await open())!, 0);
    const header = Math.max(...asked.map(([, to]) => to));
    expect(header).toBeLessThanOrEqual(2 ** 20);
    asked.length = 0;
    await residentModel(model);
    const ranges = asked.sort((a, b) => a[0] - b[0]);
    for (const [i, [from]] of ranges.entries()) if (i > 0) expect(from).toBeGreaterThanOrEqual(ranges[i - 1][1]);
  });

  it('whose header is longer than the first piece', async () => {
    const reads: number[] = [];
    const long = randomModel('qwen3moe', { vocabulary: 60_000, width: 32, layers: 1, seed: 4 });
    const source = memorySource(long);
    const counting: ByteSource = {
      ...source,
      read: (from, to) => {
        reads.push(to - from);
        return source.read(from, to);
      },
    };
    expect((await openModel(counting, 0)).config.vocabulary).toBe(60_000);
    expect(reads).toEqual([2 ** 20, 2 ** 22]);
  });

  it('that ends too early, or has no such tensor, is refused as a whole one is', async () => {
    const cut = FILE.subarray(0, FILE.length - 64);
    expect(await failure(openModel(memorySource(cut), 0))).toMatch(/^The file ends before tensor "[^"]+" does/);
    expect(await failure(openModel(memorySource(FILE.subarray(0, 900)), 0))).toMatch(/announces|ends in the middle/);
    expect(await failure(openModel(memorySource(new Uint8Array(50)), 0))).toBe('This is not a GGUF file.');
  });

  it('that was changed under its name', async () => {
    const torn = { size: 100, slice: () => ({ arrayBuffer: async () => new ArrayBuffer(3) }) } as unknown as Blob;
    expect(await failure(blobSource(torn).read(0, 10))).toMatch(/^The file could not be read: it was moved or changed/);
  });
});

describe('a server', () => {
  const reply =
    (status: number, headers: Record<string, string> = {}, body: Uint8Array | string = ''): Trick =>
    (_, response) => {
      response.writeHead(status, headers);
      response.end(body);
      return true;
    };
  /** The well-behaved server for the first request, then the other. */
  const later = (then: Trick): Trick => {
    let count = 0;
    return (...all) => count++ > 0 && then(...all);
  };
  const readAll = async (behave: Trick) => {
    const source = await open(behave);
    return failure(source!.read(0, FILE.length));
  };

  it('that sends no ranges is told apart', async () => {
    expect(await open(reply(200, {}, FILE))).toBeNull();
  });

  it.each<[string, Trick, string]>([
    ['wants a sign-in', reply(401), 'HOST gives this file only to those who have signed in (401).'],
    ['has no such file', reply(404), 'There is no such file on HOST (404).'],
    ['is overloaded', reply(503), 'HOST answered 503.'],
    ['hides the size', reply(206, {}, FILE.subarray(0, 65536)), 'HOST does not say how large the file is.'],
    [
      'begins elsewhere',
      reply(206, { 'content-range': `bytes 5-65540/${FILE.length}` }, FILE.subarray(5, 65541)),
      'HOST sends other bytes than it is asked for.',
    ],
    [
      'sends more than it says',
      reply(206, { 'content-range': `bytes 0-65535/${FILE.length}` }, FILE.subarray(0, 65600)),
      'HOST sends other bytes than it is asked for.',
    ],
  ])('that %s says so', async (_, behave, sentence) => {
    expect(await failure(open(behave))).toBe(sentence);
  });

  it('keeps its Content-Range to itself: the size is asked apart, and lengths are held against it', async () => {
    const hidden: Trick = (request, response, range) => {
      if (request.headers.range) {
        response.writeHead(206, {});
        response.end(FILE.subarray(...range));
      } else response.writeHead(200, { 'content-length': FILE.length }).end(FILE);
      return true;
    };
    const source = (await open(hidden))!;
    expect(source.bytes).toBe(FILE.length);
    expect(await source.read(70_000, 90_000)).toEqual(FILE.subarray(70_000, 90_000));
    trick = (_, response, [from, to]) => {
      response.writeHead(206, {});
      response.end(FILE.subarray(from, to + 1));
      return true;
    };
    expect(await failure(source.read(90_000, 95_000))).toBe('HOST sends other bytes than it is asked for.');
  });

  it('that is not there says so', async () => {
    expect(await failure(httpSource('http://127.0.0.1:9/x.gguf', { pause: 1 }))).toBe(
      '127.0.0.1:9 did not answer, or does not let other pages read the file.',
    );
  });

  const part = (etag: string, total: number, shift = 0) =>
    later((_, response, [from, to]) => {
      response.writeHead(206, { etag, 'content-range': `bytes ${from + shift}-${to - 1}/${total}` });
      response.end(FILE.subarray(from + shift, to));
      return true;
    });
  it.each<[string, Trick, string]>([
    ['changes the file: another tag', part('"two"', FILE.length), 'The file on HOST changed while it was read.'],
    ['changes the file: another size', part('"one"', FILE.length + 1), 'The file on HOST changed while it was read.'],
    ['lies about the range', part('"one"', FILE.length, 1), 'HOST sends other bytes than it is asked for.'],
    ['forgets how to send ranges', later(reply(200, {}, FILE)), 'HOST sends no parts of the file any more.'],
    [
      'sends another file whole',
      later(reply(200, { 'content-length': '3' }, 'new')),
      'The file on HOST changed while it was read.',
    ],
    ['refuses a range', later(reply(416)), 'HOST does not give a part of the file that it has said it has.'],
    [
      'breaks off again and again',
      later((_, response) => response.destroy() !== null),
      `The connection to HOST broke after 0 of ${FILE.length} bytes of the model.`,
    ],
  ])('that %s is caught', async (_, behave, sentence) => {
    expect(await readAll(behave)).toBe(sentence);
  });

  it('whose connection breaks goes on at the byte where it stopped', async () => {
    let count = 0;
    const source = await open((_, response, [from, to]) => {
      if (count++ === 0 || count > 6) return false;
      // Announces all, sends a third, hangs up.
      response.writeHead(206, {
        'content-range': `bytes ${from}-${to - 1}/${FILE.length}`,
        'content-length': String(to - from),
      });
      response.write(FILE.subarray(from, from + Math.ceil((to - from) / 3)), () => response.destroy());
      return true;
    });
    asked.length = 0;
    expect(Buffer.compare(await source!.read(0, FILE.length), FILE)).toBe(0);
    expect(asked.length).toBeGreaterThan(3);
    for (const [i, [from]] of asked.entries()) if (i > 0) expect(from).toBeGreaterThan(asked[i - 1][0]);
  });

  it('is left alone once nobody waits', async () => {
    const stop = new AbortController();
    trick = () => false;
    const source = await httpSource(url, { signal: stop.signal });
    stop.abort(new Error('cancelled'));
    expect(await failure(source!.read(0, FILE.length))).toBe('cancelled');
  });
});
