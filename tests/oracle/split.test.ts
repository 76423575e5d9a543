/** A split model, as llama.cpp opens it by its first part, and as we do. */
import { afterAll, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { openModel } from '../../src/model/load.ts';
import { memorySource } from '../../src/model/source.ts';
import { partName, splitModel } from '../model/splitModel.ts';
import { temporaryFolder } from './files.ts';
import { openOracle, whyNot } from './llama.ts';
import { relativeRms } from './measure.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const IDS = [65, 102, 139, 176, 213, 3, 40, 77];

it.skipIf(whyNot())('gives llama.cpp’s logits', async () => {
  const parts = splitModel('qwen3moe', 3, { seed: 12 });
  const [first] = parts.map((bytes, i) => folder.write(partName(i, parts.length), bytes));
  const engine = createCpuEngine(await openModel(parts.map(memorySource)));
  const oracle = await openOracle(first, 64);
  const theirs = await oracle.logits(IDS, engine.model.config.vocabulary);
  await oracle.dispose();
  expect(relativeRms((await engine.forward(IDS)).logits, theirs)).toBeLessThan(1e-5);
});
