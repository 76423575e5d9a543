/** One table of ranges: what it allows is taken by form, link, element, command, trace file and both engines alike. */
import { afterAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/args.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { parseTrace } from '../../src/engine/parseTrace.ts';
import { brought, fits, RANGES, readDecimal } from '../../src/engine/ranges.ts';
import type { Engine, Sampling } from '../../src/engine/types.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { loadModel } from '../../src/model/load.ts';
import { LINK_KEYS, readAddress } from '../../src/state/address/address.ts';
import { DEFAULT_SAMPLING, isProblem, readSampling } from '../../src/state/session/inputs.ts';
import { createInstance } from '../dawn.ts';
import { randomModel } from '../model/randomModel.ts';

const instance = createInstance();
const { gpu, info } = await findGpu(instance);
const model = loadModel(randomModel('qwen3moe'));
const cpu = createCpuEngine(model);
const engines: readonly Engine[] = [cpu, await createWebGpuEngine(model, { gpu, info })];
afterAll(() => gpu.device.destroy());

const NUMBERS = ['temperature', 'topK', 'topP', 'seed', 'length'] as const;
type Name = (typeof NUMBERS)[number];
const WORDS: Record<Name, string> = {
  ...{ temperature: 'temperature', topK: 'top-k', topP: 'top-p', seed: 'seed', length: 'tokens' },
};
const USUAL: Sampling = { temperature: 0.8, topK: 40, topP: 0.95, seed: 1 };

/** Both ends of the range, what lies just beyond, and what people and programs write there. */
function values(name: Name): number[] {
  const { min, max, whole, usual } = RANGES[name];
  const beyond = whole ? [min - 1, max + 1, max + 2, 2 ** 53, 1.5] : [min - 1e-9, max + 1e-9];
  const small = whole ? [] : [1e-7, 1e-30, 1e-45, 5e-324];
  return [min, max, usual, ...beyond, ...small, -1, -0, Number.NaN, Number.POSITIVE_INFINITY];
}
const cases = NUMBERS.flatMap((name) => values(name).map((value): [Name, number] => [name, value]));
const TEXTS = [
  '',
  ' ',
  '0x10',
  '1_000',
  '1e400',
  'NaN',
  '１',
  '4 0',
  '--5',
  '1e',
  '.',
  '+7',
  '1,5',
  '3e0',
  ' 2 ',
  '−1',
];

/** What each reader takes a text for: a number, or null where it is refused or changed. */
const readers: Record<string, (name: Name, text: string) => number | null> = {
  form: (name, text) => {
    const read = readSampling({ ...DEFAULT_SAMPLING, [name]: text });
    if (isProblem(read)) return null;
    return name === 'length' ? read.length : read.sampling[name];
  },
  link: (name, text) => {
    const { state, complaints } = readAddress(`#${new URLSearchParams([[WORDS[name], text]])}`);
    if (complaints.length) return null;
    return name === 'length' ? state.length : state.sampling[name];
  },
  command: (name, text) => {
    try {
      const options = parseCommandLine(['--model', 'm.gguf', '--prompt', 'x', `--${WORDS[name]}`, text]);
      if (options === 'help' || 'cacheOf' in options) return null;
      return name === 'length' ? options.tokens : options.sampling[name];
    } catch {
      return null;
    }
  },
};

describe.each(Object.keys(readers))('the %s', (reader) => {
  it.each(cases)('reads %s %d as the table says', (name, value) => {
    expect(readers[reader](name, String(value))).toBe(fits(RANGES[name], value) ? value + 0 : null);
  });

  it.each(NUMBERS)('reads odd texts for %s as decimal notation, or not at all', (name) => {
    for (const text of TEXTS) {
      const value = readDecimal(text);
      expect([text, readers[reader](name, text)]).toEqual([text, fits(RANGES[name], value) ? value : null]);
    }
  });
});

it('an element takes each of them as an attribute, which is read as a link', () => {
  for (const name of NUMBERS) expect(LINK_KEYS).toContain(WORDS[name]);
});

it('a link brings what is out of range into it, and says so', () => {
  for (const [name, value] of cases.filter(([, value]) => Number.isFinite(value))) {
    const { state, complaints } = readAddress(`#${WORDS[name]}=${value}`);
    expect(name === 'length' ? state.length : state.sampling[name]).toBe(brought(RANGES[name], value));
    expect(complaints.length).toBe(fits(RANGES[name], value) ? 0 : 1);
  }
});

const trace = (sampling: unknown) => ({
  ...{ format: 'moescope-trace', version: 2, promptTokens: 1, created: '2026-01-01T00:00:00Z', sampling },
  model: { name: 'm', architecture: 'qwen3moe', layers: 1, experts: 2, expertsPerToken: 1 },
  device: { kind: 'cpu', name: 'x', fallback: false, features: [] },
  ...{ tokens: [{ id: 1, text: 'a' }], expertIds: [[[0]]], gateWeights: [[[1]]] },
});

it.each(cases.filter(([name]) => name !== 'length'))('the trace file takes %s %d as the table says', (name, value) => {
  const read = () => parseTrace(trace({ ...USUAL, [name]: value }));
  if (fits(RANGES[name], value)) expect(read).not.toThrow();
  else expect(read).toThrow(`sampling.${name} must be`);
});

describe('both engines', () => {
  async function written(engine: Engine, name: Name, value: number): Promise<number[] | string> {
    engine.truncate(0);
    const request =
      name === 'length'
        ? { maxTokens: value, sampling: USUAL }
        : { maxTokens: 6, sampling: { ...USUAL, [name]: value } };
    const drawn: number[] = [];
    try {
      for await (const { sampled } of engine.generate({ ids: [72, 105], ...request })) {
        drawn.push(...[...sampled].filter((id) => id !== 0xffffffff));
        if (drawn.length >= 6) break;
      }
    } catch (error) {
      return (error as Error).message;
    }
    return drawn.slice(0, 6);
  }

  it.each(cases)('write the same with %s %d, or refuse it with the same words', async (name, value) => {
    const [ours, theirs] = [await written(engines[0], name, value), await written(engines[1], name, value)];
    expect(theirs).toEqual(ours);
    expect(typeof ours === 'string').toBe(!fits(RANGES[name], value));
  });

  it('draw the likeliest alone with top-p 0, top-k 1 or a temperature next to 0', async () => {
    const greedy = await written(cpu, 'temperature', 0);
    for (const engine of engines) {
      expect(await written(engine, 'topP', 0)).toEqual(greedy);
      expect(await written(engine, 'topK', 1)).toEqual(greedy);
      expect(await written(engine, 'temperature', 1e-40)).toEqual(greedy);
    }
  });
});
