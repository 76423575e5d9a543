/** Tiny models with the published architectures' true keys and shapes: our float64 logits against llama.cpp's. */
import { afterAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { loadModel } from '../../src/model/load.ts';
import { publishedFile } from '../model/published/file.ts';
import { temporaryFolder } from './files.ts';
import { openOracle, whyNot } from './llama.ts';
import { relativeRms, table } from './measure.ts';

const skip = whyNot();
if (skip) console.log(`Skipped: ${skip}.`);

const IDS = Array.from({ length: 40 }, (_, i) => (i * 37 + 65) % 256);

describe.skipIf(skip)('published architectures against llama.cpp', () => {
  const folder = temporaryFolder();
  const rows: (string | number)[][] = [['model', 'relative RMS']];
  afterAll(() => {
    folder.remove();
    console.log(table(rows));
  });

  it.each([
    'granitemoe-shared',
    'qwen2moe',
    'mixtral-spm',
    'deepseek',
    'ernie4_5-moe',
    'bailingmoe',
    'bailingmoe2',
    'lfm2moe',
    'smallthinker',
  ])('%s', async (name) => {
    const { bytes } = publishedFile(name, { seed: 2 });
    const oracle = await openOracle(folder.write(`${name}.gguf`, bytes), 64);
    const engine = createCpuEngine(loadModel(bytes));
    const theirs = await oracle.logits(IDS, engine.model.config.vocabulary);
    await oracle.dispose();
    const error = relativeRms((await engine.forward(IDS)).logits, theirs);
    rows.push([name, error]);
    expect(error).toBeLessThan(1e-5);
  });
});
