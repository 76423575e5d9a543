/** Published models in words: rules as in their papers, slices always called slices, the formula with its own numbers. */
import { describe, expect, it } from 'vitest';
import type { LayerStep, LayerTiming, Probe } from '../../src/compare/contract.ts';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import {
  expertWords,
  layerWords,
  probeWords,
  routingWords,
  sliceWords,
  stated,
  stepWords,
  wholeModelWords,
} from '../../src/ui/published/published-words.ts';

const find = (id: string) => PUBLISHED.find((model) => model.id === id)!;

describe('a model', () => {
  it('has its routing rule said as its paper has it', () => {
    expect(routingWords(find('deepseek-v3'))).toBe(
      'a sigmoid for each expert; a bias that only chooses; from the best 4 of 8 groups of 32, by the two best scores of ' +
        'each; weights scaled to add up to 1; then times 2.5',
    );
    expect(routingWords(find('olmoe-1b-7b'))).toBe('softmax over all experts; weights as they are');
    expect(routingWords(find('gpt-oss-20b'))).toBe('softmax over the 4 chosen alone; the router has a bias');
    expect(routingWords(find('qwen3-30b-a3b'))).toBe('softmax over all experts; weights scaled to add up to 1');
  });

  it('has its experts and layers counted', () => {
    expect(expertWords(find('deepseek-v2-lite'))).toBe('64, 6 for each token and 2 shared');
    expect(expertWords(find('qwen1.5-moe-a2.7b'))).toBe('60, 4 for each token and 4 shared, behind a gate of its own');
    expect(expertWords(find('mixtral-8x7b'))).toBe('8, 2 for each token');
    expect(layerWords(find('kimi-k2'))).toBe('61, of which the first 1 is dense');
    expect(layerWords(find('deepseek-v3'))).toBe('61, of which the first 3 are dense');
    expect(layerWords(find('mixtral-8x7b'))).toBe('32');
    expect([3.3e9, 0.4e9, 671e9, 1.04e12].map(stated)).toEqual([
      '3.3\u00a0billion',
      '0.4\u00a0billion',
      '671\u00a0billion',
      '1.04\u00a0trillion',
    ]);
  });
});

describe('what fits', () => {
  const model = find('deepseek-v3');
  const probe: Probe = {
    ...{ fits: false, reason: 'One of its buffers takes 2 MiB; a shader here may see 1 MiB at once.' },
    bytesNeeded: { largestBuffer: 2 ** 21, layer: 7.1e9, model: 4e11 },
    limits: { maxBufferSize: 2 ** 20, maxStorageBufferBindingSize: 2 ** 20 },
    largestSlice: { experts: 64, expertHidden: 2048 },
  };

  it('is a slice by name when it is one', () => {
    expect(sliceWords(model, null)).toBe('the whole layer');
    expect(sliceWords(model, { experts: 64, expertHidden: 2048 })).toBe('a slice: 64 of its 256 experts');
    expect(sliceWords(model, { experts: 256, expertHidden: 512 })).toBe(
      'a slice: all 256 experts, each 512 of 2048 units wide',
    );
  });

  it('is said with its reason and with what is offered instead', () => {
    expect(probeWords(model, probe)).toBe(
      'The whole layer does not fit here. One of its buffers takes 2 MiB; a shader here may see 1 MiB at once. The largest ' +
        'part that does is a slice: 64 of its 256 experts.',
    );
    expect(probeWords(model, { ...probe, largestSlice: null })).toContain('No part of it');
    expect(probeWords(model, { ...probe, fits: true, reason: null })).toBe(
      'One whole layer fits here: with its dense twins it takes 7.10\u00a0GB.',
    );
  });
});

describe('a step', () => {
  it('has batch and baselines in the sentence with its times', () => {
    const row = (kind: string, median: number) => ({ kind, time: { median } });
    const rows = [row('moe', 0.31), row('same-active', 0.27), row('same-total', 4.1), row('all-on', 4.4)];
    expect(stepWords({ tokens: 1, rows } as unknown as LayerStep)).toBe(
      'For one token the MoE takes 310\u00a0µs, a dense layer of the same active size 270\u00a0µs, one of the same total size 4.10\u00a0ms.',
    );
    expect(stepWords({ tokens: 128, rows } as unknown as LayerStep)).toMatch(
      /^For 128 tokens at once the MoE takes 310\u00a0µs/,
    );
  });
});

describe('the whole model', () => {
  const time = { median: 2, spread: 0.1, samples: 9, low: 1, high: 3, firstHalf: 2, secondHalf: 2, unsteady: false };
  const timing = {
    decode: {
      rows: [
        { kind: 'same-total', time },
        { kind: 'moe', time },
      ],
    },
    limits: { read: { rate: 1e11 } },
    wholeModel: { milliseconds: 316, moeLayers: 58, otherBytes: 2e10, bytesNeeded: 3e11 },
  } as unknown as LayerTiming;

  it('takes its layers times the measured one, and the rest by bandwidth', () => {
    expect(wholeModelWords(timing)).toBe(
      '58 MoE layers × 2.00\u00a0ms + 20.0\u00a0GB of all its other weights ÷ 100\u00a0GB/s of measured read bandwidth = 316.0\u00a0ms',
    );
    expect(58 * 2 + (1000 * 2e10) / 1e11).toBe(316);
    expect(wholeModelWords({ ...timing, wholeModel: null })).toBeNull();
  });
});
