/** Random tiny models of every architecture: our float64 logits against llama.cpp's. */

import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { loadModel } from '../../src/model/load.ts';
import type { PlainType } from '../../src/model/randomTensor.ts';
import type { Architecture } from '../../src/model/types.ts';
import { ODD_SHAPES, type RandomModelOptions, randomModel } from '../model/randomModel.ts';
import { temporaryFolder } from './files.ts';
import { openOracle, whyNot } from './llama.ts';
import { relativeRms, table } from './measure.ts';

const skip = whyNot();
if (skip) console.log(`Skipped: ${skip}.`);

const IDS = Array.from({ length: 40 }, (_, i) => (i * 53 + 7) % 256);
const WIDE: RandomModelOptions = {
  width: 128,
  headDim: 32,
  experts: 16,
  expertsPerToken: 4,
  expertHidden: 96,
  tied: false,
};

describe.skipIf(skip)('random models against llama.cpp', () => {
  const folder = temporaryFolder();
  const rows: (string | number)[][] = [['model', 'relative RMS']];
  afterAll(() => {
    folder.remove();
    console.log(table(rows));
  });

  async function compare(name: string, architecture: Architecture, options: RandomModelOptions): Promise<number> {
    const bytes = randomModel(architecture, options);
    const oracle = await openOracle(folder.write(`${rows.length}.gguf`, bytes), 64);
    const engine = createCpuEngine(loadModel(bytes));
    const theirs = await oracle.logits(IDS, engine.model.config.vocabulary);
    const error = relativeRms((await engine.forward(IDS)).logits, theirs);
    await oracle.dispose();
    rows.push([name, error]);
    return error;
  }

  it.each<Architecture>(['qwen3moe', 'qwen3', 'olmoe', 'granitemoe'])('%s', async (architecture) => {
    // llama.cpp wants an output matrix of its own for olmoe.
    const tied = architecture !== 'olmoe';
    expect(await compare(`${architecture}, small`, architecture, { tied, seed: 11 })).toBeLessThan(1e-4);
    expect(await compare(`${architecture}, wide`, architecture, { ...WIDE, seed: 12 })).toBeLessThan(1e-4);
  });

  // In f16 and q8_0 llama.cpp rounds the activations, too: these are compared on the GPU alone.
  it.each(Object.entries(ODD_SHAPES).filter(([, [, { type = 'f32' }]]) => type === 'f32'))(
    'odd shapes: %s',
    async (...[name, [architecture, options]]) => {
      expect(await compare(name, architecture, options)).toBeLessThan(1e-5);
    },
  );

  it('qwen3moe with a head width of its own', async () => {
    const options = { heads: 6, kvHeads: 3, headDim: 24, seed: 13 };
    expect(await compare('qwen3moe, heads × head width ≠ width', 'qwen3moe', options)).toBeLessThan(1e-4);
  });

  it.each<PlainType>(['f16', 'q8_0', 'q4_0'])('bit layout of %s', async (embeddingType) => {
    // llama.cpp reads an embedding exactly; matrices in these types would also have their activations quantised.
    const options = { embeddingType, tied: false, seed: 14 };
    expect(await compare(`embedding in ${embeddingType}`, 'qwen3moe', options)).toBeLessThan(1e-4);
  });
});
