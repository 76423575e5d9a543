/** Model files that were damaged: each is opened and runs a token on the CPU, or is refused in one sentence. */
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { loadModel } from '../../src/model/load.ts';
import { publishedFile } from '../model/published/file.ts';
import { randomModel } from '../model/randomModel.ts';
import { NUMBERS, unclear } from './damage.ts';
import type { Chance, Suite } from './random.ts';

const small = { layers: 1, width: 32, heads: 2, kvHeads: 1, headDim: 16, expertHidden: 32, contextLength: 32 };
const FILES = [
  randomModel('qwen3moe', { ...small, experts: 4, expertsPerToken: 2 }),
  randomModel('qwen3', small),
  randomModel('olmoe', { ...small, kvHeads: 2, experts: 4, expertsPerToken: 2 }),
  randomModel('granitemoe', { ...small, experts: 4, expertsPerToken: 2, type: 'q8_0' }),
  ...[
    'qwen2moe',
    'mixtral-spm',
    'deepseek',
    'ernie4_5-moe',
    'bailingmoe',
    'bailingmoe2',
    'smallthinker',
    'gpt-oss',
    'deepseek2-lite',
    'deepseek2-v3',
    'phimoe',
    'afmoe',
    'gemma4',
  ].map((name) => publishedFile(name, { over: { L: 2 } }).bytes),
  // Its layers are told one by one.
  publishedFile('lfm2moe').bytes,
];
/** Most of a file is weights, which any bytes can be; what tells of them stands in front. */
const FRONT = 12_000;

function mutate(file: Uint8Array, chance: Chance): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  const place = () => chance.whole(chance.next() < 0.9 ? Math.min(FRONT, bytes.length) : bytes.length);
  for (let i = chance.whole(4); i >= 0; i--) {
    const at = place();
    switch (chance.whole(5)) {
      case 0:
        bytes[at] ^= 1 << chance.whole(8);
        break;
      case 1:
        bytes[at] = chance.whole(256);
        break;
      case 2:
        if (at + 8 <= bytes.length) view.setBigUint64(at, chance.of(NUMBERS), true);
        break;
      case 3:
        if (at + 4 <= bytes.length) view.setUint32(at, Number(chance.of(NUMBERS) & 0xffffffffn), true);
        break;
      default:
        bytes.copyWithin(at, place(), place());
    }
  }
  return chance.next() < 0.1 ? bytes.subarray(0, place()) : bytes;
}

export const models = (count: number): Suite => ({
  name: 'models',
  count,
  run: async (chance) => {
    const bytes = mutate(chance.of(FILES), chance);
    const before = process.memoryUsage().arrayBuffers;
    try {
      const model = loadModel(bytes);
      const engine = createCpuEngine(model);
      const ids = model.tokenizer.encode('hello').slice(0, 1);
      for await (const _ of engine.generate({
        ids: ids.length ? ids : [0],
        maxTokens: 1,
        sampling: { temperature: 0, topK: 0, topP: 1, seed: 1 },
      }));
      engine.destroy();
    } catch (error) {
      const wrong = unclear(error);
      if (wrong) return wrong;
    }
    const took = process.memoryUsage().arrayBuffers - before;
    return took > 10 * bytes.length + 64e6 ? `took ${Math.round(took / 1e6)} MB` : null;
  },
});
