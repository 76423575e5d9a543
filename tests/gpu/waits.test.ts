import { afterEach, expect, it, vi } from 'vitest';

/** A queue that answers at its n-th submit, as Firefox does; counts the empty ones. */
function fakeDevice(answersAt: number) {
  let answer = () => {};
  const done = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const queue = {
    empty: 0,
    submit(buffers: unknown[]) {
      expect(buffers).toEqual([]);
      if (++queue.empty === answersAt) answer();
    },
    onSubmittedWorkDone: () => done,
  };
  return { queue, buffer: { mapAsync: () => done }, answer: () => answer() };
}

async function waitsIn(userAgent: string) {
  vi.stubGlobal('navigator', { userAgent });
  vi.stubGlobal('GPUMapMode', { READ: 1 });
  vi.resetModules();
  return import('../../src/gpu/waits.ts');
}

afterEach(() => vi.unstubAllGlobals());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';

it('Firefox is asked again and again until it answers, and no longer', async () => {
  const { mapForReading, submittedWorkDone } = await waitsIn(FIREFOX);
  for (const wait of [mapForReading, submittedWorkDone]) {
    const { queue, buffer } = fakeDevice(5);
    await wait({ queue } as never, buffer as never);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(queue.empty).toBe(5);
  }
});

it.each([
  ['Chrome', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'],
  [
    'Safari',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  ],
  [
    'Firefox on iOS, which is WebKit',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/153.0 Mobile/15E148 Safari/605.1.15',
  ],
  ['Node', 'Node.js/22'],
])('%s is left in peace', async (_, userAgent) => {
  const { mapForReading, submittedWorkDone } = await waitsIn(userAgent);
  const { queue, buffer, answer } = fakeDevice(Number.POSITIVE_INFINITY);
  const waits = [mapForReading({ queue } as never, buffer as never), submittedWorkDone({ queue } as never)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  answer();
  await Promise.all(waits);
  expect(queue.empty).toBe(0);
});

it('a wait that fails ends the asking', async () => {
  const { mapForReading } = await waitsIn(FIREFOX);
  const { queue } = fakeDevice(Number.POSITIVE_INFINITY);
  const lost = { mapAsync: () => Promise.reject(new Error('lost')) };
  await expect(mapForReading({ queue } as never, lost as never)).rejects.toThrow('lost');
  const { empty } = queue;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(queue.empty).toBe(empty);
});
