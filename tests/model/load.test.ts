import { describe, expect, it } from 'vitest';
import { dequantise, halfToFloat } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import { publishedFile } from './published/file.ts';
import { floatToHalf, quantise } from './quantise.ts';
import { randomModel, randomModelParts, randomSource, TOKENS } from './randomModel.ts';
import { type SourceTensor, writeGguf } from './writeGguf.ts';

describe('loadModel', () => {
  it('reads qwen3moe with its own semantics', () => {
    const { config, weights, bytes } = loadModel(randomModel('qwen3moe'));
    expect(config).toMatchObject({
      architecture: 'qwen3moe',
      name: 'random qwen3moe',
      layers: 2,
      width: 64,
      heads: 4,
      kvHeads: 2,
      headDim: 16,
      contextLength: 64,
      vocabulary: TOKENS.length,
      experts: 8,
      expertsPerToken: 2,
      expertHidden: 32,
      ropeStyle: 'half',
      qkNorm: 'head',
      normaliseGates: true,
      attentionScale: 0.25,
      logitScale: 1,
    });
    expect(weights.output).toBe(weights.tokenEmbedding);
    expect(weights.layers[1].gate.shape).toEqual([64, 32, 8]);
    const file = randomModelParts('qwen3moe').tensors.reduce((sum, tensor) => sum + tensor.values.length, 0);
    expect(config.parameters.total).toBe(file);
    expect(config.parameters.active).toBe(file - 2 * 6 * 3 * 64 * 32);
    expect(bytes).toBeGreaterThan(4 * file);
  });

  it('reads a dense qwen3 as one expert without a router', () => {
    const { config, weights } = loadModel(randomModel('qwen3', { tied: false }));
    expect(config).toMatchObject({ experts: 1, expertsPerToken: 1, expertHidden: 32 });
    expect(weights.layers[0].router).toBeNull();
    expect(weights.layers[0].down.shape).toEqual([32, 64, 1]);
    expect(weights.output).not.toBe(weights.tokenEmbedding);
    expect(config.parameters.total - config.parameters.active).toBe(64 * TOKENS.length);
  });

  it('reads q, k and v that are one matrix', () => {
    const { metadata, tensors } = randomModelParts('qwen3moe', { type: 'q8_0' });
    const fused = [0, 1].map((layer): SourceTensor => {
      const parts = ['q', 'k', 'v'].map(
        (part) => tensors.find(({ name }) => name === `blk.${layer}.attn_${part}.weight`)!,
      );
      const values = Float32Array.from(parts.flatMap((part) => [...part.values]));
      return { ...parts[0], name: `blk.${layer}.attn_qkv.weight`, shape: [64, 128], values };
    });
    const rest = tensors.filter(({ name }) => !/attn_[qkv]\.weight/.test(name));
    const [apart, together] = [tensors, [...rest, ...fused]].map((all) => loadModel(writeGguf(metadata, all)));
    expect(together.weights).toEqual(apart.weights);
    expect(together.config).toEqual(apart.config);
  });

  it('reads olmoe: QK norm over the width, gates not renormalised', () => {
    const { config, weights } = loadModel(randomModel('olmoe', { tied: false }));
    expect(config).toMatchObject({ qkNorm: 'width', normaliseGates: false, ropeStyle: 'half', kvHeads: 4 });
    expect(weights.layers[0].kNorm!.shape).toEqual([64]);
  });

  it('reads smallthinker: a router of its own, layers without RoPE, and no further than its window', () => {
    const { config } = loadModel(publishedFile('smallthinker', { over: { ctx: 9000 } }).bytes);
    expect(config).toMatchObject({ routesEarly: true, activation: 'relu', unturned: [0, 4], contextLength: 4096 });
    expect(loadModel(publishedFile('smallthinker', { over: { L: 4 } }).bytes).config.unturned).toEqual([]);
    const small = loadModel(publishedFile('smallthinker-4b', { over: { ctx: 9000 } }).bytes).config;
    expect(small).toMatchObject({ unturned: [], contextLength: 9000 });
  });

  it('reads granitemoe: multipliers, interleaved RoPE, no QK norm', () => {
    const { config, weights } = loadModel(randomModel('granitemoe'));
    expect(config).toMatchObject({ qkNorm: 'none', normaliseGates: true, ropeStyle: 'interleaved' });
    expect(config).toMatchObject({ embeddingScale: 1.5, residualScale: 0.75, logitScale: 2 });
    expect(config.attentionScale).toBeCloseTo(0.2);
    expect(weights.layers[0].qNorm).toBeNull();
  });
});

describe('dequantise', () => {
  it('turns every half into its number and back', () => {
    const all = Array.from({ length: 65536 }, (_, half) => half);
    const wrong = all.filter((half) => !Number.isNaN(halfToFloat(half)) && floatToHalf(halfToFloat(half)) !== half);
    expect(wrong).toEqual([]);
    expect([halfToFloat(0x3c00), halfToFloat(0xc000), halfToFloat(1), halfToFloat(0x7c00)]).toEqual([
      1,
      -2,
      2 ** -24,
      Infinity,
    ]);
  });

  it('reads q8_0 by hand', () => {
    const block = new Uint8Array(34);
    block.set([0x00, 0x38, 1, 255, 127, 128]); // scale 0.5, then 1, −1, 127, −128
    expect([...dequantise({ type: 'q8_0', data: block }).subarray(0, 5)]).toEqual([0.5, -0.5, 63.5, -64, 0]);
  });

  it('reads q4_0 by hand: low nibbles are the first half', () => {
    const block = new Uint8Array(18);
    block.set([0x00, 0x40, 0xf0, 0x8a]); // scale 2; values 0 and 16 from 0xf0, 1 and 17 from 0x8a
    const values = dequantise({ type: 'q4_0', data: block });
    expect([values[0], values[16], values[1], values[17], values[2]]).toEqual([-16, 14, 4, 0, -16]);
  });

  it('copies f32 out of a Buffer too, whose slice is a view', () => {
    const buffer = Buffer.from(new Uint8Array(new Float32Array([1, 2, 3]).buffer));
    expect([...dequantise({ type: 'f32', data: buffer.subarray(4, 8) })]).toEqual([2]);
  });

  it('gives values near those that were quantised, at any address', () => {
    const random = randomSource(3);
    const values = Float32Array.from({ length: 96 }, () => random() - 0.5);
    for (const [type, bound] of [
      ['f32', 0],
      ['f16', 3e-4],
      ['q8_0', 3e-3],
      ['q4_0', 0.07],
    ] as const) {
      const bytes = quantise(type, values);
      const odd = new Uint8Array(bytes.length + 1);
      odd.set(bytes, 1);
      const back = dequantise({ type, data: odd.subarray(1) });
      expect(Math.max(...back.map((x, i) => Math.abs(x - values[i])))).toBeLessThanOrEqual(bound);
    }
  });
});
