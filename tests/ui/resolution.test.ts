import { afterEach, expect, it, vi } from 'vitest';
import { watchResolution } from '../../src/ui/kit/resolution.ts';

afterEach(() => vi.unstubAllGlobals());

it('tells every new resolution, the third as well as the second, until it is ended', () => {
  const queries: { media: string; target: EventTarget }[] = [];
  vi.stubGlobal('matchMedia', (media: string) => {
    const target = new EventTarget();
    queries.push({ media, target });
    return target;
  });
  const move = (ratio: number) => {
    vi.stubGlobal('devicePixelRatio', ratio);
    queries.at(-1)?.target.dispatchEvent(new Event('change'));
  };
  move(1);
  const told: number[] = [];
  const end = watchResolution(() => told.push(devicePixelRatio));
  for (const ratio of [2, 1.5]) move(ratio);
  expect(told).toEqual([2, 1.5]);
  expect(queries.map(({ media }) => media)).toEqual([
    '(resolution: 1dppx)',
    '(resolution: 2dppx)',
    '(resolution: 1.5dppx)',
  ]);
  end();
  move(3);
  expect(told).toEqual([2, 1.5]);
});
