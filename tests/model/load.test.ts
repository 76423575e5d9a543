import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { dequantise, halfToFloat } from '../../src/model/dequantise.ts';
import { loadModel, openModel } from '../../src/model/load.ts';
import { memorySource } from '../../src/model/source.ts';
import { inMemory, residentModel } from '../../src/model/stored.ts';
import { publishedFile } from './published/file.ts';
import { forward } from './published/forward.mjs';
import { floatToHalf, quantise } from './quantise.ts';
import { randomModel, randomModelParts, randomSource, TOKENS } from './randomModel.ts';
import { type SourceTensor, writeGguf } from './writeGguf.ts';

/** The bytes of all tensors, by where they stand and what they are. */
function contents(weights: object, found = new Map<string, Uint8Array>(), place = ''): Map<string, Uint8Array> {
  for (const [key, value] of Object.entries(weights)) {
    if (value?.data instanceof Uint8Array) found.set(`${place}${key} ${value.type} ${value.shape}`, value.data);
    else if (value) contents(value, found, `${place}${key}.`);
  }
  return found;
}

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

  it('reads gate and up that are one matrix an expert', () => {
    const { metadata, tensors } = randomModelParts('qwen3moe', { type: 'q8_0' });
    const fused = [0, 1].map((layer): SourceTensor => {
      const [gate, up] = ['gate', 'up'].map(
        (name) => tensors.find((t) => t.name === `blk.${layer}.ffn_${name}_exps.weight`)!,
      );
      const [D, H, E] = gate.shape;
      const of = ({ values }: SourceTensor, expert: number) => [
        ...values.subarray(expert * D * H, (expert + 1) * D * H),
      ];
      const values = Array.from({ length: E }, (_, expert) => [...of(gate, expert), ...of(up, expert)]).flat();
      return {
        ...gate,
        name: `blk.${layer}.ffn_gate_up_exps.weight`,
        shape: [D, 2 * H, E],
        values: Float32Array.from(values),
      };
    });
    const rest = tensors.filter(({ name }) => !/ffn_(gate|up)_exps/.test(name));
    const [apart, together] = [tensors, [...rest, ...fused]].map((all) => loadModel(writeGguf(metadata, all)));
    const data = ({ weights }: typeof apart) =>
      Buffer.concat(weights.layers.flatMap(({ gate, up }) => [gate.data, up.data]));
    expect(Buffer.compare(data(together), data(apart))).toBe(0);
  });

  it.each(['gpt-oss', 'deepseek2-lite', 'deepseek2-v3', 'phimoe', 'afmoe'])(
    'brings the same weights of %s piece by piece',
    async (name) => {
      const { bytes } = publishedFile(name);
      const streamed = await openModel(memorySource(bytes), 0);
      expect(streamed.streamed).toBe(true);
      const { weights } = await residentModel(streamed);
      const [ours, theirs] = [weights, loadModel(bytes).weights].map((each) => contents(each));
      expect([...ours.keys()]).toEqual([...theirs.keys()]);
      for (const [what, data] of ours) expect(Buffer.compare(data, theirs.get(what)!), what).toBe(0);
      const half = streamed.weights.layers[0].latent?.keyUp ?? streamed.weights.layers[0].q;
      // Bytes from the middle of one row to that of another.
      const whole = (await inMemory(half)).data;
      expect(Buffer.compare(await half.stored!.read(100, 900), whole.subarray(100, 900))).toBe(0);
    },
  );

  it('reads deepseek2 of both kinds as one, and says what its heads are', () => {
    const [old, absorbed] = ['deepseek2-lite', 'deepseek2-lite-mla'].map((name) =>
      loadModel(publishedFile(name).bytes),
    );
    const { parameters: _, name: __, ...shape } = old.config;
    expect(absorbed.config).toMatchObject(shape);
    expect(old.config.latent).toEqual({ rank: 24, plain: 16, turned: 8, value: 12, queryRank: 0 });
    expect(old.weights.layers[0].latent!.keyUp.shape).toEqual([16, 24, 4]);
    expect(old.config.attentionScale).toBeCloseTo((0.0707 * Math.log(40) + 1) ** 2 / Math.sqrt(24), 6);
    const wide = publishedFile('deepseek2-lite-mla', {
      over: { mla: { kvRank: 516, nope: 16, rope: 8, v: 12, qRank: 0, absorbed: true } },
    });
    expect(() => loadModel(wide.bytes)).toThrow('keeps 516 + 8 values of a position; up to 512 + 128 can be run.');
  });

  it('reads olmoe: QK norm over the width, gates not renormalised', () => {
    const { config, weights } = loadModel(randomModel('olmoe', { tied: false }));
    expect(config).toMatchObject({ qkNorm: 'width', normaliseGates: false, ropeStyle: 'half', kvHeads: 4 });
    expect(weights.layers[0].kNorm!.shape).toEqual([64]);
  });

  it('reads smallthinker: a router of its own, layers without RoPE, a window for the others', () => {
    const { config } = loadModel(publishedFile('smallthinker', { over: { ctx: 9000 } }).bytes);
    expect(config).toMatchObject({ routesEarly: true, activation: 'relu', unturned: [0, 4], contextLength: 9000 });
    expect(config.window).toEqual({ positions: 4096, layers: [1, 2, 3] });
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

describe('layers that predict further tokens', () => {
  it.each(['deepseek2-v3', 'gemma4'])('are left out: %s', async (name) => {
    const data = new Uint8Array(4 * 64 * 128);
    const { model, bytes } = publishedFile(
      name,
      { over: { L: 5 } },
      {
        metadata: { [`${name.split('-')[0]}.nextn_predict_layers`]: { u32: 1 } },
        tensors: [{ name: 'blk.4.nextn.eh_proj.weight', shape: [128, 64], typeId: 0, data }],
      },
    );
    const read = loadModel(bytes);
    expect(read.config.layers).toBe(4);
    const ids = [65, 102, 139];
    const { logits } = await createCpuEngine(read).forward(ids);
    const expected = forward({ ...model, spec: { ...model.spec, L: 4 } }, ids, { exactGelu: true }).logits;
    for (const [i, logit] of expected.flatMap((row) => [...row]).entries()) expect(logits[i]).toBeCloseTo(logit, 4);
  });

  it('are no more than all', () => {
    const { bytes } = publishedFile('olmoe', {}, { metadata: { 'olmoe.nextn_predict_layers': { u32: 4 } } });
    expect(() => loadModel(bytes)).toThrow('4 of 4 layers predict further tokens');
  });
});

describe('a model of Gemma 4’s kind', () => {
  it('has other heads where a window is', () => {
    const { config, weights } = loadModel(publishedFile('gemma4').bytes);
    expect(config.window).toEqual({ positions: 5, layers: [0, 2] });
    expect([config.headDim, config.kvHeads, config.narrow?.headDim, config.narrow?.kvHeads]).toEqual([32, 1, 16, 2]);
    // Values that are the keys are stored once.
    expect(weights.layers[1].v).toBe(weights.layers[1].k);
    const stored = publishedFile('gemma4').model.tensors.reduce((sum, { ne }) => sum + ne.reduce((a, b) => a * b), 0);
    const { ropeFactors } = weights;
    expect(config.parameters.total).toBe(stored - (ropeFactors?.shape[0] ?? 0));
  });

  it.each([
    ['embedding_length_per_layer_input', { u32: 8 }, 'embeddings of every layer'],
    ['attention.shared_kv_layers', { u32: 2 }, 'layers that share keys and values'],
    ['attention.key_length_swa', { u32: 12 }, 'differs from its head width'],
    ['attention.value_length_swa', { u32: 24 }, 'differs from its head width'],
  ] as const)('is refused with another %s', (key, value, words) => {
    const { bytes } = publishedFile('gemma4', {}, { metadata: { [`gemma4.${key}`]: value } });
    expect(() => loadModel(bytes)).toThrow(words);
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
