/** The table of published models against what their makers state, and against numbers worked out by hand from papers. */
import { describe, expect, it } from 'vitest';
import { blockCost, expectedExpertsTouched } from '../../src/compare/costModel.ts';
import { blockShapeOf, factsOf, outsideParameters, parametersOf } from '../../src/compare/parameters.ts';
import { CHECKS } from '../../src/compare/publishedChecks.ts';
import { PUBLISHED } from '../../src/compare/publishedTable.ts';
import { random } from '../../src/reference/random.ts';

const find = (id: string) => PUBLISHED.find((model) => model.id === id)!;
const within = (actual: number, expected: number, share: number) =>
  expect(Math.abs(actual / expected - 1), `${actual} for ${expected}`).toBeLessThan(share);

describe('a published model', () => {
  it.each(PUBLISHED.map((model) => [model.name, model] as const))('%s: as large as stated', (_, model) => {
    const { total, active } = parametersOf(model);
    within(total, model.stated.total, 0.05);
    // Makers round, and some leave the embedding out of what is active; Moonlight's “3B” and Granite's “400M” are names.
    const { multiplied } = parametersOf(model);
    const nearest = Math.min(...[active, multiplied].map((count) => Math.abs(count / model.stated.active - 1)));
    expect(nearest).toBeLessThan(0.1);
  });

  it.each(PUBLISHED.map((model) => [model.name, model] as const))('%s: shapes that kernels can run', (_, model) => {
    const { experts, expertsPerToken, routing, width, expertHidden, shared } = model;
    expect(expertsPerToken).toBeLessThanOrEqual(experts);
    for (const columns of [width, expertHidden, shared?.hidden ?? 32]) expect(columns % 32).toBe(0);
    if (routing.groups) expect(experts % routing.groups.count).toBe(0);
    expect(new Set(PUBLISHED.map(({ id }) => id)).size).toBe(PUBLISHED.length);
  });

  it.each(PUBLISHED.map((model) => [model.name, model] as const))(
    '%s: says where its numbers stand',
    (_, { source }) => {
      expect(source.card).toMatch(/^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+$/);
      if (source.report === null) return;
      const [, arxiv] = source.report.title.match(/arXiv:(\d{4}\.\d{5})/) ?? [];
      if (arxiv) expect(source.report.url).toBe(`https://arxiv.org/abs/${arxiv}`);
      else expect(source.report.url).toMatch(/^https:/);
    },
  );
});

describe('what the table was compared with', () => {
  it('is said of every model and of no other: shapes, stated sizes and the routing rule', () => {
    expect(Object.keys(CHECKS).sort()).toEqual(PUBLISHED.map(({ id }) => id).sort());
    for (const { checks, unchecked } of Object.values(CHECKS)) {
      for (const part of [/shapes/, /stated sizes/, /routing rule/])
        expect(checks.some(({ figures }) => part.test(figures))).toBe(true);
      for (const { against, url } of checks) {
        expect(url).toMatch(/^https:\/\/[\w.-]+\/\S+$/);
        expect(against).not.toBe('');
      }
      expect(unchecked).not.toBe('');
    }
  });
});

describe('hand-worked', () => {
  it('DeepSeek-V3: 671 B in all, 37 B active, 36.6 B of them multiplied (arXiv:2412.19437, and its weights’ README)', () => {
    const { total, active, multiplied } = parametersOf(find('deepseek-v3'));
    // Attention (MLA): 7168·1536 + 1536·24576 + 7168·576 + 512·32768 + 16384·7168 = 187,105,280
    const attention = 61 * 187_105_280;
    const dense = 3 * 3 * 7168 * 18_432;
    const moe = 58 * (257 * 3 * 7168 * 2048 + 7168 * 256 + 256);
    const embedding = 129_280 * 7168;
    expect(total).toBe(attention + dense + moe + 2 * embedding);
    within(total, 671e9, 0.02);
    within(active, 37e9, 0.02);
    within(multiplied, 36.6e9, 0.02);
    within(factsOf(find('deepseek-v3')).flopsPerToken, 73.2e9, 0.02);
  });

  it('Mixtral 8x7B: 46.7 B, 12.9 B active (arXiv:2401.04088)', () => {
    const { total, active, multiplied } = parametersOf(find('mixtral-8x7b'));
    const attention = 4096 * (32 + 16) * 128 + 4096 * 4096; // 41,943,040
    expect(total).toBe(32 * (attention + 8 * 3 * 4096 * 14_336 + 4096 * 8) + 2 * 32_000 * 4096);
    within(total, 46.7e9, 0.02);
    within(active, 12.9e9, 0.02);
    // Two experts of 352,321,536 FLOPs, attention and router in 32 layers, and the head.
    const flops = 32 * (2 * 6 * 4096 * 14_336 + 2 * attention + 2 * 4096 * 8) + 2 * 32_000 * 4096;
    expect(2 * multiplied).toBe(flops);
    within(flops, 25.5e9, 0.02);
  });

  it('Mixtral 8x22B: the 140,620,634,112 parameters that were counted in its weights, but for norms', () => {
    const { total, active } = parametersOf(find('mixtral-8x22b'));
    const norms = 56 * 2 * 6144 + 6144;
    expect(total + norms).toBe(140_620_634_112);
    within(active, 39e9, 0.02);
  });

  it('OLMoE: 6.9 B, 1.3 B active (arXiv:2409.02060)', () => {
    const { total, active, multiplied } = parametersOf(find('olmoe-1b-7b'));
    expect(total).toBe(16 * (4 * 2048 ** 2 + 64 * 3 * 2048 * 1024 + 2048 * 64) + 2 * 50_304 * 2048);
    within(total, 6.9e9, 0.02);
    within(active, 1.3e9, 0.02);
    within(2 * multiplied, 2 * (16 * (4 * 2048 ** 2 + 8 * 3 * 2048 * 1024 + 2048 * 64) + 50_304 * 2048), 1e-9);
  });

  it('gpt-oss: 116.8 B and 20.9 B, 5.1 B and 3.6 B active without the embedding (arXiv:2508.10925)', () => {
    within(parametersOf(find('gpt-oss-120b')).total, 116.83e9, 0.005);
    within(parametersOf(find('gpt-oss-120b')).multiplied, 5.13e9, 0.02);
    within(parametersOf(find('gpt-oss-20b')).total, 20.91e9, 0.005);
    within(parametersOf(find('gpt-oss-20b')).multiplied, 3.61e9, 0.02);
  });

  it('Granite 3.1 1B-A400M: the bytes of its weights’ file at 2 a parameter, but for norms and header', () => {
    const file = 2_669_283_096; // model.safetensors of the published instruct weights, bf16
    const { total } = parametersOf(find('granite-3.1-1b-a400m'));
    const norms = 24 * 2 * 1024 + 1024;
    expect(file - 2 * (total + norms)).toBeGreaterThan(0);
    expect(file - 2 * (total + norms)).toBeLessThan(100_000);
  });

  it('Moonlight: 15.29 B, 2.24 B active without embedding and head (arXiv:2502.16982)', () => {
    const { total, multiplied } = parametersOf(find('moonlight-16b-a3b'));
    const head = 163_840 * 2048;
    within(total - 2 * head, 15.29e9, 0.002);
    within(multiplied - head, 2.24e9, 0.002);
  });

  it('Mixtral at int4: bytes held and read by a layer for one token and for a batch', () => {
    const shape = blockShapeOf(find('mixtral-8x7b'));
    const expert = 3 * 4096 * 14_336 * 0.5625;
    const router = 4 * 8 * 4096;
    expect(blockCost('moe', shape, 1, 0.5625).bytesHeld).toBe(8 * expert + router);
    expect(blockCost('moe', shape, 1, 0.5625).bytesRead).toBeCloseTo(2 * expert + router, 0);
    expect(blockCost('moe', shape, 8, 0.5625, 5).bytesRead).toBe(5 * expert + router);
    within(blockCost('moe', shape, 4, 0.5625).bytesRead, 5.46875 * expert + router, 1e-9);
  });

  it('a shared expert costs the twins the same', () => {
    const shape = blockShapeOf(find('qwen1.5-moe-a2.7b'));
    const [moe, active] = (['moe', 'same-active'] as const).map((kind) => blockCost(kind, shape, 1, 1));
    expect(active.flops).toBe(6 * 2048 * (4 * 1408 + 5632));
    expect(moe.flops - active.flops).toBe(2 * 2048 * 60);
    const whole = parametersOf(find('qwen1.5-moe-a2.7b')).multiplied;
    const blocks = 24 * (3 * 2048 * (4 * 1408 + 5632) + 2048 * 60 + 2048);
    expect(outsideParameters(find('qwen1.5-moe-a2.7b'))).toBe(whole - blocks);
  });
});

describe('predicted touched experts', () => {
  it.each([
    ['mixtral-8x7b', 3],
    ['deepseek-v3', 16],
    ['olmoe-1b-7b', 8],
  ] as const)('%s at %i tokens: as many as a simulation finds', (id, tokens) => {
    const { experts, expertsPerToken } = find(id);
    const next = random(experts + tokens);
    const rounds = 400;
    let touched = 0;
    for (let round = 0; round < rounds; round++) {
      const seen = new Set<number>();
      for (let token = 0; token < tokens; token++) {
        const chosen = new Set<number>();
        while (chosen.size < expertsPerToken) chosen.add(Math.floor(experts * next()));
        for (const expert of chosen) seen.add(expert);
      }
      touched += seen.size;
    }
    within(touched / rounds, expectedExpertsTouched(experts, expertsPerToken, tokens), 0.02);
  });
});
