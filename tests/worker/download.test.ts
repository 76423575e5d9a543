/** One file for several elements on a page, whatever the host says about caches. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { download } from '../../src/worker/download.ts';

/** A server that counts, with a file of its own that ends when `finish` is called. */
function serve(content: string) {
  const bytes = new TextEncoder().encode(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const signals: AbortSignal[] = [];
  let finish = () => {};
  const finished = new Promise<void>((done) => (finish = done));
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    const body = new ReadableStream({
      async start(controller) {
        signal.addEventListener('abort', () => controller.error(signal.reason));
        controller.enqueue(bytes.slice(0, 3));
        await finished;
        if (signal.aborted) return;
        controller.enqueue(bytes.slice(3));
        controller.close();
      },
    });
    return new Response(body);
  });
  const ask = (stop = new AbortController(), onProgress = vi.fn()) => {
    const options = { bytes: bytes.length, sha256, signal: stop.signal, onProgress };
    return { stop, onProgress, bytes: download(`http://host/${content}`, options) };
  };
  return { ask, signals, finish };
}

afterEach(() => vi.unstubAllGlobals());

describe('several that want one model', () => {
  it('fetch it once, each with its own progress, also when one comes after it has arrived', async () => {
    const { ask, signals, finish } = serve('the first model');
    const asked = [ask(), ask(), ask()];
    finish();
    const [first, ...others] = await Promise.all(asked.map(({ bytes }) => bytes));
    const late = ask();
    expect(new TextDecoder().decode(await late.bytes)).toBe('the first model');
    for (const each of [...others, await late.bytes]) expect(each.buffer).toBe(first.buffer);
    for (const { onProgress } of [...asked, late]) expect(onProgress).toHaveBeenLastCalledWith(15, 15);
    expect(signals.length).toBe(1);
  });

  it('lose nothing when one of them goes, and stop fetching when the last has gone', async () => {
    const { ask, signals, finish } = serve('the second model');
    const [one, two] = [ask(), ask()];
    one.stop.abort('gone');
    await expect(one.bytes).rejects.toBe('gone');
    expect(signals[0].aborted).toBe(false);
    two.stop.abort('gone, too');
    await expect(two.bytes).rejects.toBe('gone, too');
    expect(signals[0].aborted).toBe(true);
    const again = ask();
    finish();
    expect((await again.bytes).length).toBe(16);
    expect(signals.length).toBe(2);
  });

  it('are all told what failed', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    const ask = () =>
      download('http://host/none', {
        bytes: 1,
        sha256: 'none',
        signal: new AbortController().signal,
        onProgress: vi.fn(),
      });
    const fetched = await Promise.allSettled([ask(), ask()]);
    for (const each of fetched) expect(each).toMatchObject({ reason: { code: 'network' } });
  });
});

it('tries what arrives damaged once more, past every cache, and then says so with a code of its own', async () => {
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', async (_: string, { cache }: RequestInit) => {
    asked.push(cache);
    return new Response('another file');
  });
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  await expect(download('http://host/wrong', { ...options, bytes: 12, sha256: '0' })).rejects.toMatchObject({
    code: 'bad-download',
    hint: expect.stringContaining('try again'),
  });
  await expect(download('http://host/short', { ...options, bytes: 13, sha256: '1' })).rejects.toMatchObject({
    code: 'bad-download',
  });
  expect(asked).toEqual(['default', 'reload', 'default', 'reload']);
});
