import { expect, test } from 'vitest';
import { createGpu } from '../../src/gpu/device.ts';
import type { Gpu } from '../../src/gpu/types.ts';
import { selfTest } from '../../src/kernels/selfTest.ts';
import * as t from './device.ts';

test.each([...t.TUNINGS, ['lanes of a subgroup', t.LANES_OF_A_SUBGROUP] as const])(
  'every kernel passes, %s',
  async (_, gpu) => {
    const { checks, milliseconds } = await selfTest(gpu);
    expect(checks.length).toBe(16);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(milliseconds).toBeGreaterThan(0);
  },
);

/** A device whose compiler gets one thing wrong. */
function faulty(from: string, to: string): Gpu {
  const gpu = createGpu(t.device, { software: true });
  return { ...gpu, pipeline: (kernel) => gpu.pipeline({ ...kernel, code: kernel.code.replace(from, to) }) };
}

test.each([
  ['a ragged tile is cut short', 'expert + 1u] - first', 'expert + 1u] - first - 1u', ['grouped_up', 'grouped_down']],
  ['ties and top-k go wrong', '(beaten.x < places)', '(beaten.x - 1u < places)', ['route']],
  ['the sum of a row lacks its end', 'block < COLUMNS', 'block + 1u < COLUMNS', ['gemv', 'expert_up', 'expert_down']],
  ['a kernel does not compile', 'place.bits', '', ['sample']],
])('%s: the self-test says where', async (_, from, to, kernels) => {
  const { checks } = await selfTest(faulty(from, to));
  expect(checks.filter(({ ok }) => !ok).map(({ kernel }) => kernel)).toEqual(
    kernels.toSorted((a, b) => order(a) - order(b)),
  );
  function order(name: string) {
    return checks.findIndex(({ kernel }) => kernel === name);
  }
});
