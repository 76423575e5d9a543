import { describe, expect, it } from 'vitest';
import { blockCost, expectedExpertsTouched } from '../../src/compare/costModel.ts';
import { summarise } from '../../src/compare/timing.ts';
import { randomSource } from '../model/randomModel.ts';

/** D 256, H 256, E 16, K 2: one expert is 3·256·256 = 196,608 weights. */
const SHIPPED = { width: 256, expertHidden: 256, experts: 16, expertsPerToken: 2 };

describe('blockCost', () => {
  it('counts FLOPs per token as worked out by hand', () => {
    const flops = (kind: Parameters<typeof blockCost>[0]) => blockCost(kind, SHIPPED, 1, 0.5625).flops;
    expect(flops('moe')).toBe(2 * 393_216 + 8_192);
    expect(flops('same-active')).toBe(786_432);
    expect(flops('same-total')).toBe(6_291_456);
    expect(flops('all-on')).toBe(6_291_456 + 8_192);
  });

  it('holds every expert but reads only those a step touches', () => {
    const moe = blockCost('moe', SHIPPED, 1, 0.5625);
    expect(moe.bytesHeld).toBe(16 * 196_608 * 0.5625 + 16_384);
    expect(moe.bytesRead).toBeCloseTo(2 * 196_608 * 0.5625 + 16_384, 6);
    const batch = blockCost('moe', SHIPPED, 128, 0.5625);
    expect(batch.bytesRead / batch.bytesHeld).toBeGreaterThan(0.999);
    expect(blockCost('same-active', SHIPPED, 128, 0.5625).bytesRead).toBe(2 * 196_608 * 0.5625);
  });

  it('agrees with the published size of a DeepSeek-V3 layer: 256 experts of 3·7168·2048 weights', () => {
    const shape = { width: 7168, expertHidden: 2048, experts: 256, expertsPerToken: 8 };
    const held = blockCost('same-total', shape, 1, 1).bytesHeld;
    // 58 MoE layers hold 653.8 of the model's 671 billion parameters in routed experts (arXiv:2412.19437, 4.2).
    expect((58 * held) / 1e9).toBeCloseTo(653.9, 0);
  });
});

describe('expectedExpertsTouched', () => {
  it('gives the known fractions', () => {
    const percent = (e: number, k: number, n: number) => Math.round((100 * expectedExpertsTouched(e, k, n)) / e);
    expect([1, 2, 4, 8].map((n) => percent(8, 2, n))).toEqual([25, 44, 68, 90]);
    expect([1, 8, 64].map((n) => percent(256, 8, n))).toEqual([3, 22, 87]);
    expect(percent(4, 4, 1)).toBe(100);
  });

  it('agrees with drawing experts at random', () => {
    const random = randomSource(7);
    let touched = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const seen = new Set<number>();
      for (let token = 0; token < 6; token++) {
        const first = Math.floor(random() * 16);
        let second = Math.floor(random() * 15);
        if (second >= first) second++;
        seen.add(first).add(second);
      }
      touched += seen.size;
    }
    expect(touched / rounds).toBeCloseTo(expectedExpertsTouched(16, 2, 6), 1);
  });
});

describe('summarise', () => {
  it('gives median and half the interquartile range', () => {
    expect(summarise([5, 1, 3, 2, 4])).toEqual({ median: 3, spread: 1, samples: 5, low: 1, high: 5 });
    expect(summarise([7])).toEqual({ median: 7, spread: 0, samples: 1, low: 7, high: 7 });
  });
});
