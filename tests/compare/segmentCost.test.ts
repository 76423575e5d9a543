import { describe, expect, it } from 'vitest';
import { blockCost } from '../../src/compare/costModel.ts';
import { segmentCost } from '../../src/compare/segmentCost.ts';

const SHAPE = { width: 256, expertHidden: 128, experts: 16, expertsPerToken: 2 };
const NAMES = ['route', 'up', 'down'] as const;

describe('what a segment asks for', () => {
  it('is worked out by hand for one token of a small layer', () => {
    expect(segmentCost('route', SHAPE, 1, 0.5)).toEqual({ flops: 2 * 256 * 16, bytes: 4 * 256 * 16 });
    expect(segmentCost('up', SHAPE, 1, 0.5)).toEqual({ flops: 2 * 4 * 256 * 128, bytes: 2 * 2 * 256 * 128 * 0.5 });
    expect(segmentCost('down', SHAPE, 1, 0.5)).toEqual({ flops: 2 * 2 * 256 * 128, bytes: 2 * 256 * 128 * 0.5 });
    expect(segmentCost('combine', SHAPE, 3, 0.5)).toEqual({ flops: 2 * 256 * 6, bytes: 4 * 256 * 9 });
    expect(segmentCost('plan', SHAPE, 3, 0.5)).toBeNull();
  });

  it('adds up to the block, a shared expert included', () => {
    const shape = { ...SHAPE, sharedHidden: 64 };
    for (const tokens of [1, 7, 300]) {
      const block = blockCost('moe', shape, tokens, 0.5625);
      const parts = [...NAMES, 'shared' as const].map((name) => segmentCost(name, shape, tokens, 0.5625)!);
      const sum = (of: 'flops' | 'bytes') => parts.reduce((total, part) => total + part[of], 0);
      expect(sum('flops')).toBeCloseTo(block.flops * tokens, 3);
      expect(sum('bytes')).toBeCloseTo(block.bytesRead, 3);
    }
  });
});
