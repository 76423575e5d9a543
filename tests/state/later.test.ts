import { expect, it } from 'vitest';
import { once } from '../../src/state/session/once.ts';

it('answers in the order of asking, though a second fetch would be faster', async () => {
  const waits = [30, 0];
  const load = once(() => new Promise<string>((resolve) => setTimeout(resolve, waits.shift() ?? 0, 'module')));
  const order: number[] = [];
  await Promise.all([1, 2].map((number) => load().then(() => order.push(number))));
  expect(order).toEqual([1, 2]);
});

it('tries again after a failure, and not after a success', async () => {
  let fetches = 0;
  const load = once(async () => {
    if (++fetches === 1) throw new Error('no network');
    return fetches;
  });
  await expect(load()).rejects.toThrow('no network');
  expect(await load()).toBe(2);
  expect(await load()).toBe(2);
});
