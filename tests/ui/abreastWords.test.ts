/** Three models that wrote from one prompt, in words: whichever way it came out, and no loss beside one that has seen less. */
import { describe, expect, it } from 'vitest';
import { behindWords, method, verdicts } from '../../src/ui/abreast/abreast-words.ts';
import type { AbreastLane, QualityModel, SteadyTime } from '../../src/worker/protocol.ts';

const timeOf = (median: number, spread = 0.02 * median): SteadyTime => ({
  ...{ median, spread, samples: 12, low: median, high: median, firstHalf: median, secondHalf: median, unsteady: false },
});

function lane(role: QualityModel['role'], sums: number, median: number | null, bitsPerByte: number, tokensSeen = 14e6) {
  const found: AbreastLane = {
    ...{
      model: { id: role, title: role, role },
      tokensSeen,
      texts: [''],
      tokens: 100,
      milliseconds: 100 * (median ?? 0),
    },
    ...{ multiplyAdds: 100 * sums, time: median === null ? null : timeOf(median) },
    heldout: { domain: 'held-out', title: 'Held-out text', nats: 1, bitsPerByte, tokens: 504, bytes: 2000 },
    info: { kind: 'webgpu', name: 'Some GPU', fallback: false, features: [] },
  };
  return found;
}

const MOE = lane('moe', 4.6e6, 2, 1.6);
const WORK = lane('dense-active', 4.6e6, 1.5, 1.7);
const SIZE = lane('dense-total', 21e6, 8, 2.4, 0.8e6);

describe('what three texts cost', () => {
  it('is said with both baselines, times with their spread', () => {
    expect(verdicts([MOE, WORK, SIZE])).toEqual([
      'Writing one text, a token takes the MoE 2.00\u00a0ms ±\u00a02.0\u00a0%, and the dense model of its size 8.00\u00a0ms ±\u00a02.0\u00a0%: 4.0 times less time ' +
        '(measured), with 4.6 times fewer multiply-adds (computed).',
      'The dense model of the same work takes 1.50\u00a0ms ±\u00a02.0\u00a0% (25.0\u00a0% less). For a byte of the 504 tokens read here the MoE needs ' +
        '1.600 bits and that model 1.700 (5.9\u00a0% less for the MoE).',
    ]);
  });

  it('is said as it is where the MoE is no quicker, and where the spreads overlap', () => {
    const [size, work] = verdicts([MOE, lane('dense-active', 4.6e6, 1.97, 1.5), lane('dense-total', 21e6, 1, 2.4)]);
    expect(size).toContain('1.00\u00a0ms ±\u00a02.0\u00a0%: 2.0 times as much time (measured), with 4.6 times fewer');
    expect(work).toContain('1.97\u00a0ms ±\u00a02.0\u00a0% (within the spread of the MoE’s)');
    expect(work).toContain('1.600 bits and that model 1.500 (6.7\u00a0% more for the MoE)');
    expect(verdicts([MOE, lane('dense-total', 21e6, 2.01, 2.4)])[0]).toContain(': about as much time (measured)');
  });

  it('compares no loss of models that have not seen as much, and nothing that was not timed', () => {
    expect(verdicts([MOE, lane('dense-active', 4.6e6, 1.5, 1.7, 7e6)])[0]).not.toContain('bits');
    expect(verdicts([MOE, lane('dense-active', 4.6e6, null, 1.7)])).toEqual([]);
    expect(behindWords(0.8e6, 14e6)).toContain('only 800\u00a0thousand of 14.0\u00a0million tokens: compare its time');
    expect(behindWords(14e6, 14e6)).toBeNull();
  });

  it('names the device, what was timed, and which text was read', () => {
    const told = {
      prompt: 'a',
      seed: 3,
      temperature: 0.9,
      maxTokens: 100,
      whole: true,
      browser: 'B 1',
      date: '2026-11-29T00:00:00Z',
    };
    expect(method({ ...told, lanes: [MOE] })).toBe(
      'Measured on Some GPU, B 1, 2026-11-29: each model’s own turns by the wall clock, n = 100 tokens, the prompt not counted; a time per ' +
        'token is the median of the turns ± half the interquartile range. Seed 3 and temperature 0.9 for all. Read here: the same 504 ' +
        'tokens of held-out text for all, the first of each kind, between the turns with the clocks stopped; the cards’ numbers are of ' +
        'more of it, a mean over its kinds. Multiply-adds are computed: one for each weight that a token uses.',
    );
  });
});
