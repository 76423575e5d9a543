import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createGpu } from '../../src/gpu/device.ts';
import type { Gpu } from '../../src/gpu/types.ts';
import { selfTest } from '../../src/kernels/selfTest.ts';
import { casesOf, EVERY_OWN } from '../../src/kernels/selfTestOwn.ts';
import { loadModel } from '../../src/model/load.ts';
import { BLOCKS } from '../../src/model/tensorTypes.ts';
import type { TensorType } from '../../src/model/types.ts';
import { publishedFile } from '../model/published/file.ts';
import * as t from './device.ts';

test.each([...t.TUNINGS, ['lanes together', t.LANES_TOGETHER] as const])('every kernel passes, %s', async (_, gpu) => {
  const { checks, milliseconds } = await selfTest(gpu);
  expect(checks.length).toBe(16);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(milliseconds).toBeGreaterThan(0);
});

/** A device whose compiler gets one thing wrong. */
function faulty(from: string, to: string): Gpu {
  const gpu = createGpu(t.device, { software: true });
  return { ...gpu, pipeline: (kernel) => gpu.pipeline({ ...kernel, code: kernel.code.replace(from, to) }) };
}

test.each([
  ['a ragged tile is cut short', 'expert + 1u] - first', 'expert + 1u] - first - 1u', ['grouped_up', 'grouped_down']],
  ['ties and top-k go wrong', '(beaten.x < places)', '(beaten.x - 1u < places)', ['route']],
  ['the sum of a row lacks its end', 'block < COLUMNS', 'block + 1u < COLUMNS', ['gemv', 'expert_up', 'expert_down']],
  ['a row is written past the ring', 'position % RING', 'position', ['rope']],
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

describe('what only some models use', () => {
  const own = (name: string) => casesOf(loadModel(publishedFile(name).bytes));
  const NAMES = [
    'gpt-oss',
    'deepseek2-v3',
    'lfm2moe',
    'smallthinker',
    'afmoe',
    'gemma4',
    'qwen2moe',
    'phimoe',
    'olmoe',
  ];

  test.each(['moe', 'dense-active', 'dense-total'])('is not asked of the shipped model %s', (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(`../../public/models/${name}.gguf`, import.meta.url)));
    expect(Object.keys(casesOf(loadModel(bytes)))).toEqual([]);
  });

  test('is all among what is published', () => {
    const used = new Set(NAMES.flatMap((name) => Object.keys(own(name))));
    expect([...used].sort()).toEqual(Object.keys(EVERY_OWN).sort());
  });

  /** The cases of a model whose matrices are all of this format. */
  function formats(type: TensorType) {
    const { config, weights } = loadModel(publishedFile('olmoe').bytes);
    const output = { ...weights.output, type };
    const every = casesOf({ config, weights: { ...weights, tokenEmbedding: output, output, layers: [] } });
    return Object.fromEntries(Object.entries(every).filter(([name]) => name.endsWith('formats')));
  }

  test('are weights in a format that a compiler gets wrong', async () => {
    const { checks } = await selfTest(faulty('4, 6, 8, 12, 0,', '4, 6, 8, 11, 0,'), formats('mxfp4'));
    expect(checks.map(({ ok }) => ok)).toEqual([false, false]);
  });

  test.each(Object.keys(BLOCKS) as TensorType[])('reads %s right', async (type) => {
    const cases = formats(type);
    expect(Object.keys(cases)).toEqual(['q4_0', 'q8_0'].includes(type) ? [] : ['gemv_formats', 'matmul_formats']);
    const { checks } = await selfTest(t.ALONE, cases);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test.each(NAMES)('passes for %s', async (name) => {
    const { checks } = await selfTest(createGpu(t.device, { software: true }), own(name));
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test.each([
    ['lfm2moe', 'back <= token', 'back < token', ['convolution']],
    ['lfm2moe', '(position - back) % RING', '(position - back)', ['convolution']],
    ['gpt-oss', 'positions % vec4(RING)', 'positions', ['attention_within']],
    ['deepseek2-v3', 'low += p *', 'low += 1.001 * p *', ['attention_latent']],
    ['gpt-oss', 'SCALE * sum', 'sum', ['expert_bias']],
    ['gemma4', 'CAP * tanh', 'tanh', ['soft_cap']],
    ['afmoe', '/= 1.0 + exp(-', '/= 1.0 + exp(', ['sigmoid_gate']],
  ])('that of %s is found wrong: %s', async (name, from, to, kernels) => {
    const { checks } = await selfTest(faulty(from, to), own(name));
    expect(checks.filter(({ ok }) => !ok).map(({ kernel }) => kernel)).toEqual(kernels);
  });
});
