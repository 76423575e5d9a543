import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantise } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import { countNonFinite } from '../../src/model/nonFinite.ts';
import { BLOCKS } from '../../src/model/tensorTypes.ts';
import type { TensorType } from '../../src/model/types.ts';
import { randomModel } from './randomModel.ts';

describe('weights that are no numbers', () => {
  it.each(Object.keys(BLOCKS) as TensorType[])('are counted as dequantising finds them: %s', (type) => {
    const { bytes } = BLOCKS[type];
    const block = fc.uint8Array({ minLength: bytes, maxLength: bytes });
    // High exponents are rare in bytes by chance alone.
    const high = block.map((data) => data.map((byte, i) => (i % 2 ? byte | 0x7c : byte | 0x80)));
    fc.assert(
      fc.property(fc.array(fc.oneof(block, high), { maxLength: 6 }), (blocks) => {
        const data = Uint8Array.from(blocks.flatMap((b) => [...b]));
        const slow = dequantise({ type, data }).filter((value) => !Number.isFinite(value)).length;
        expect(countNonFinite({ type, data })).toBe(slow);
      }),
      { numRuns: 200 },
    );
  });

  it('are said once, with how many and where; a sound file has nothing to say', () => {
    const bytes = randomModel('olmoe', { type: 'q4_0', tied: false });
    expect(loadModel(bytes).warnings).toEqual([]);
    const { weights } = loadModel(bytes);
    for (const { down } of weights.layers) down.data.set([0xff, 0x7f]);
    expect(loadModel(bytes).warnings).toEqual([
      '64 weights of this file are NaN or infinite (the first in "blk.0.ffn_down_exps.weight"), so what the model writes may be nonsense.',
    ]);
  });
});
