import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { MAX_EXPERTS } from '../../src/kernels/route.ts';
import { MOST_EXPERTS } from '../../src/model/config.ts';
import { dequantise } from '../../src/model/dequantise.ts';
import { loadModel } from '../../src/model/load.ts';
import { quantise } from './quantise.ts';
import { ODD_SHAPES, randomModel, randomModelParts } from './randomModel.ts';
import { writeGguf } from './writeGguf.ts';

describe('rows that fill no whole chunk', () => {
  it.each(Object.entries(ODD_SHAPES))('get zeros behind them: %s', (_, [architecture, options]) => {
    const { config, weights } = loadModel(randomModel(architecture, options));
    const chunk = options.type === 'f16' ? 8 : 4;
    for (const size of [config.width, config.expertHidden, config.heads * config.headDim]) expect(size % chunk).toBe(0);
    expect(config.headDim % 4).toBe(0);
    const { tensors } = randomModelParts(architecture, options);
    // What is multiplied stays what it was, in the same order; all else is zero.
    const nonZero = (values: Float32Array) => values.filter((value) => value !== 0);
    for (const [name, tensor] of [
      ['token_embd', weights.tokenEmbedding],
      ['blk.1.attn_output', weights.layers[1].attentionOutput],
      [`blk.1.ffn_down${architecture === 'qwen3' ? '' : '_exps'}`, weights.layers[1].down],
    ] as const) {
      const source = tensors.find((one) => one.name === `${name}.weight`)!;
      const file = loadTensor(source);
      expect(nonZero(dequantise(tensor)), name).toEqual(nonZero(file));
    }
    expect(config.parameters.total).toBe(tensors.reduce((sum, { values }) => sum + values.length, 0));
  });

  it('leaves all others as they lie in the file', () => {
    const bytes = randomModel('qwen3moe', { type: 'q4_0' });
    const { weights } = loadModel(bytes);
    expect(weights.layers[0].q.data.buffer).toBe(bytes.buffer);
  });

  it('has the f64 engine’s logits as if there were no zeros', async () => {
    // Zeros written into the file by hand: the longer rows of the hidden values alone change nothing.
    const { metadata, tensors } = randomModelParts('qwen3moe', { expertHidden: 30, seed: 41 });
    const longer = tensors.map((tensor) => {
      const down = tensor.name.includes('ffn_down');
      if (!down && !/ffn_(gate|up)_exps/.test(tensor.name)) return tensor;
      const [columns, rows, experts] = tensor.shape;
      const [width, height] = down ? [32, rows] : [columns, 32];
      const values = new Float32Array(width * height * experts);
      tensor.values.forEach((value, i) => {
        const row = Math.floor(i / columns);
        values[(Math.floor(row / rows) * height + (row % rows)) * width + (i % columns)] = value;
      });
      return { ...tensor, shape: [width, height, experts], values };
    });
    const by = { u32: 32 };
    const padded = { ...metadata, 'qwen3moe.expert_feed_forward_length': by, 'qwen3moe.feed_forward_length': by };
    const [a, b] = await Promise.all(
      [writeGguf(metadata, tensors), writeGguf(padded, longer)].map((bytes) =>
        createCpuEngine(loadModel(bytes)).forward([1, 2, 3]),
      ),
    );
    expect(a.logits).toEqual(b.logits);
  });
});

describe('sizes beyond the kernels', () => {
  it('are refused when the file is read', () => {
    expect(MOST_EXPERTS).toBe(MAX_EXPERTS);
    const load = (options: object) => () => loadModel(randomModel('qwen3moe', { layers: 1, ...options }));
    expect(load({ experts: 513, expertHidden: 1, width: 4 })).toThrow(
      'This model has 513 experts a layer; up to 512 can be run.',
    );
    expect(load({ headDim: 514, heads: 1, kvHeads: 1 })).toThrow(
      'This model’s heads are 514 wide; up to 512 can be run.',
    );
  });
});

const loadTensor = ({ type, values }: { type: 'f32' | 'f16' | 'q8_0' | 'q4_0'; values: Float32Array }) =>
  dequantise({ type, data: quantise(type, values) });
