/** Models that write from one prompt in turns: each writes what it writes alone, and its clock counts its own turns. */
import { describe, expect, it } from 'vitest';
import { type AbreastOptions, writeAbreast } from '../../src/compare/abreast.ts';
import type { AbreastProgress } from '../../src/compare/abreastTypes.ts';
import type { QualityModel } from '../../src/compare/contract.ts';
import { readDomains } from '../../src/compare/heldout.ts';
import { Visibility } from '../../src/compare/visibility.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import type { Engine } from '../../src/engine/types.ts';
import { loadModel } from '../../src/model/load.ts';
import { randomModel } from '../model/randomModel.ts';

const FILES: Readonly<Record<string, Uint8Array>> = {
  moe: randomModel('qwen3moe', { contextLength: 128 }),
  dense: randomModel('qwen3', { contextLength: 128 }),
};
const MODELS = (['moe', 'dense'] as const).map(
  (id): QualityModel => ({
    ...{ id, title: id, role: id === 'moe' ? 'moe' : 'dense-active', url: id },
    ...{ bytes: FILES[id].length, sha256: '', tokensSeen: 7 },
  }),
);
const HELDOUT = {
  domains: ['a', 'b', 'c'].map((name, i) => ({
    name,
    title: name,
    ids: [
      [97, 98 + i, 99, 100],
      [120, 121, 122],
    ],
  })),
};
const SAMPLING = { temperature: 0.9, topK: 0, topP: 1, seed: 5 };

async function write(options: Partial<AbreastOptions> = {}, made: (engine: Engine) => Engine = (engine) => engine) {
  const told: AbreastProgress[] = [];
  const engines: Engine[] = [];
  const lanes = await writeAbreast({
    ...{ models: MODELS, prompt: 'hello', maxTokens: 40, sampling: SAMPLING, heldout: HELDOUT },
    open: async ({ id }) => {
      engines.push(made(createCpuEngine(loadModel(FILES[id]))));
      return engines.at(-1)!;
    },
    visibility: new Visibility(),
    onProgress: (progress) => told.push(progress),
    signal: new AbortController().signal,
    ...options,
  });
  return { lanes, told };
}

/** What the model writes alone, from this seed, until its text ends. */
async function alone(id: string, seed: number, maxTokens: number): Promise<{ ids: number[]; ended: boolean }> {
  const engine = createCpuEngine(loadModel(FILES[id]));
  const { tokenizer } = engine.model;
  const ids: number[] = [];
  for await (const { sampled } of engine.generate({
    ...{ ids: tokenizer.prompt('hello'), maxTokens, sampling: { ...SAMPLING, seed } },
  }))
    ids.push(...sampled.filter((each) => each !== 0xffffffff));
  const ended = tokenizer.ends.has(ids.at(-1)!);
  return { ids: ended ? ids.slice(0, -1) : ids, ended };
}

describe('models that write abreast', () => {
  it('each write what they write alone, and after a text that ended early another with the next seed', async () => {
    const { lanes } = await write();
    for (const { model, texts, tokens } of lanes) {
      const { tokenizer } = loadModel(FILES[model.id]);
      expect(tokens).toBe(40);
      for (const [i, text] of texts.entries()) {
        const { ids, ended } = await alone(model.id, SAMPLING.seed + i, 200);
        const whole = tokenizer.decode(ids);
        if (i < texts.length - 1) {
          expect(ended).toBe(true);
          expect(text).toBe(whole);
        } else expect(whole.startsWith(text.replace(/\ufffd$/, ''))).toBe(true);
      }
    }
  });

  it('count multiply-adds by the weights that a token uses, and milliseconds by their own turns alone', async () => {
    const before = performance.now();
    const { lanes, told } = await write();
    const elapsed = performance.now() - before;
    for (const { model, multiplyAdds, time } of lanes) {
      expect(multiplyAdds).toBe(40 * loadModel(FILES[model.id]).config.parameters.active);
      expect(time).toMatchObject({ samples: 3 });
    }
    const sum = lanes.reduce((all, { milliseconds }) => all + milliseconds, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(elapsed);
    const written = told.filter(({ step }) => step === 'writing').map(({ done }) => done);
    expect(written).toEqual([...written].sort((a, b) => a - b));
    expect(written.at(-1)).toBe(80);
  });

  it('let the one go on whose clock is behind', async () => {
    // The dense model is made four times as slow as the MoE could be.
    let slow = 0;
    const slowed = (engine: Engine): Engine => {
      if (engine.model.config.experts > 1) return engine;
      const quick = engine.generate.bind(engine);
      const generate: Engine['generate'] = async function* (options) {
        slow++;
        await new Promise((resolve) => setTimeout(resolve, 150));
        yield* quick(options);
      };
      return Object.assign(engine, { generate });
    };
    const { told } = await write({}, slowed);
    expect(slow).toBeGreaterThan(3);
    const done = told.find(({ lanes: [moe] }) => moe?.tokens === 40)!;
    expect(done.lanes[1].tokens).toBeLessThan(40);
  });

  it('read the same held-out text, a kind at a time, which does not touch what they write', async () => {
    const { lanes, told } = await write();
    const { lanes: silent } = await write({ heldout: { domains: [] } });
    expect(lanes.map(({ texts }) => texts)).toEqual(silent.map(({ texts }) => texts));
    expect(silent[0].heldout).toBeNull();
    const firsts = { domains: HELDOUT.domains.map((domain) => ({ ...domain, ids: domain.ids.slice(0, 1) })) };
    for (const { model, heldout } of lanes) {
      const engine = createCpuEngine(loadModel(FILES[model.id]));
      const readings = await readDomains(engine, firsts, () => {}, new AbortController().signal);
      const nats = readings.reduce((sum, reading) => sum + reading.nats, 0);
      expect(heldout!.tokens).toBe(9);
      expect(heldout!.bitsPerByte).toBeCloseTo(nats / Math.LN2 / 9, 9);
    }
    const read = told.map(({ lanes: [moe] }) => moe?.heldout?.tokens ?? 0);
    expect([...new Set(read)]).toEqual([0, 3, 6, 9]);
  });

  it('take a turn again in which the tab was hidden, to the same text', async () => {
    const { lanes } = await write();
    const visibility = new Visibility();
    let turns = 0;
    const blinking = (engine: Engine): Engine => {
      const steady = engine.generate.bind(engine);
      const generate: Engine['generate'] = async function* (options) {
        yield* steady(options);
        if (++turns !== 6) return;
        visibility.set(true);
        visibility.set(false);
      };
      return Object.assign(engine, { generate });
    };
    const again = await write({ visibility }, blinking);
    expect(again.lanes.map(({ texts }) => texts)).toEqual(lanes.map(({ texts }) => texts));
    expect(again.lanes.map(({ tokens }) => tokens)).toEqual([40, 40]);
  });

  it('stop when they are told to, and refuse a prompt that leaves no room', async () => {
    const controller = new AbortController();
    const onProgress = ({ step }: AbreastProgress) => step === 'writing' && controller.abort('enough');
    await expect(write({ onProgress, signal: controller.signal })).rejects.toBe('enough');
    await expect(write({ prompt: 'x'.repeat(100) })).rejects.toMatchObject({ code: 'bad-input' });
  });
});
