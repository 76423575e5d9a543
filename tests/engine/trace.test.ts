import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { parseTrace, readTrace } from '../../src/engine/parseTrace.ts';
import { encodeTrace, type TraceFile } from '../../src/engine/trace.ts';
import { pieceOf, type TraceColumns } from '../../src/engine/traceColumns.ts';
import type { TraceBatch } from '../../src/engine/types.ts';
import { UserError } from '../../src/model/errors.ts';
import { loadModel } from '../../src/model/load.ts';
import { quickest } from '../growth.ts';
import { randomModel } from '../model/randomModel.ts';

const model = loadModel(randomModel('qwen3moe'));
const sampling = { temperature: 1, topK: 20, topP: 1, seed: 3 };
const ids = model.tokenizer.encode('hello world, é');
let trace: TraceFile;

beforeAll(async () => {
  const engine = createCpuEngine(model);
  const batches: TraceBatch[] = [];
  for await (const batch of engine.generate({ ids, maxTokens: 6, sampling })) batches.push(batch);
  trace = encodeTrace({ model, device: engine.info, sampling, promptTokens: ids.length, batches });
});

/** The trace with the value at one path ("tokens.2.text") replaced; undefined takes a list's last entry away. */
function changed(path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(trace);
  const keys = path.split('.');
  const last = keys.pop()!;
  const place = keys.reduce((at, key) => (at as Record<string, unknown>)[key], copy) as Record<string, unknown>;
  if (value === undefined) (place[last] as unknown[]).pop();
  else place[last] = value;
  return copy;
}

describe('the trace file', () => {
  it('comes back as it was written', () => {
    expect(parseTrace(JSON.stringify(trace))).toEqual(trace);
    expect(parseTrace(structuredClone(trace))).toEqual(trace);
  });

  it('holds the text, and candidates where a token was drawn', () => {
    expect(
      trace.tokens
        .slice(0, ids.length)
        .map((token) => token.text)
        .join(''),
    ).toBe('hello world, é');
    expect(trace.tokens.length).toBe(ids.length + 5);
    expect(trace.tokens.map((token) => token.candidates?.length ?? 0)).toEqual(
      trace.tokens.map((_, t) => (t < ids.length - 1 ? 0 : 8)),
    );
    expect(trace.probabilities![0][1].length).toBe(8);
  });

  it.each<[string, unknown, RegExp]>([
    ['format', 'x', /not a moescope trace/],
    ['version', 3, /version 3; only 1 and 2/],
    ['version', { toString: 1 }, /has a version that is no number; only 1 and 2/],
    ['version', null, /has a version that is no number/],
    ['interventions', 5, /interventions must be a list/],
    [
      'interventions',
      [
        { position: 3, interventions: [] },
        { position: 3, interventions: [] },
      ],
      /\[1\].position must be/,
    ],
    ['interventions', [{ position: 0, interventions: [7] }], /interventions\[0\] must be an object/],
    [
      'interventions',
      [{ position: 0, interventions: [{ kind: 'off', layer: 0, expert: 8 }] }],
      /no expert 8 in layer 0/,
    ],
    ['interventions', [{ position: 0, interventions: [{ kind: 'x' }] }], /There is no such intervention/],
    [
      'interventions',
      [{ position: 0, interventions: [{ kind: 'off', expert: 1 }] }],
      /A layer must be a whole number from 0 to 1, but it is missing/,
    ],
    ['logits', [], /logits must be a list of/],
    ['model', null, /model must be an object/],
    ['model.layers', 0, /model.layers must be a whole number/],
    ['model.expertsPerToken', 9, /model.expertsPerToken/],
    ['device.kind', 'npu', /device.kind must be "webgpu" or "cpu"/],
    ['created', 'yesterday', /created must be a date/],
    ['sampling.temperature', '1', /sampling.temperature must be a number from 0 to 100/],
    ['tokens', [], /tokens must be a list of at least one/],
    ['tokens.2.text', 5, /tokens\[2\].text must be a text/],
    ['tokens.7.candidates.1.probability', 2, /probability must be a number from 0 to 1/],
    ['promptTokens', 99, /promptTokens/],
    ['expertIds', undefined, /expertIds must be a list of/],
    ['gateWeights.1', undefined, /gateWeights\[1\] must be a list of 2/],
    ['gateWeights.1.0', [1], /gateWeights\[1\]\[0\] must be a list of 2, as in expertIds/],
    ['expertIds.0.0.1', 8, /expertIds\[0\]\[0\]\[1\] must be a whole number from 0 to 7/],
    ['expertIds.0.0', [1, 1], /different experts/],
    ['gateWeights.0.0.0', null, /gateWeights\[0\]\[0\]\[0\] must be a number of at least 0/],
  ])('refuses %s = %o', (path, value, words) => {
    expect(() => parseTrace(changed(path, value))).toThrow(words);
    expect(() => parseTrace(changed(path, value))).toThrow(UserError);
  });

  it('holds rows of any length, interventions where they changed, and logits', () => {
    const copy = structuredClone(trace) as unknown as Record<string, unknown[][][]>;
    copy.expertIds[1][0] = [5];
    copy.gateWeights[1][0] = [1];
    copy.expertIds[2][1] = [];
    copy.gateWeights[2][1] = [];
    const off = { kind: 'off', layer: 0, expert: 2 };
    const rows = trace.probabilities!.map((token) =>
      token.map((row) => row.map((p) => (p === 0 ? null : Math.log(p)))),
    );
    const full = {
      ...copy,
      logits: rows,
      interventions: [
        { position: 1, interventions: [off, { kind: 'k', layer: 0, k: 1 }] },
        { position: 3, interventions: [] },
      ],
    };
    expect(parseTrace(full)).toEqual(full);
  });

  it('reads the first version, whose rows all have K experts', () => {
    const first = { ...trace, version: 1 };
    expect(parseTrace(first)).toEqual(first);
    const short = changed('expertIds.0.0', [1]) as object;
    expect(() => parseTrace({ ...short, version: 1 })).toThrow(/expertIds\[0\]\[0\] must be a list of 2/);
  });

  it('is read piece by piece into the rows that it holds', () => {
    const reading = readTrace(JSON.stringify(trace, null, 1));
    const steps: number[] = [];
    let columns: TraceColumns | null = null;
    while (!columns) {
      const { done, value } = reading.next();
      if (done) columns = value;
      else steps.push(value);
    }
    expect(steps.length).toBeGreaterThanOrEqual(4 * trace.tokens.length);
    expect(steps.every((step) => step >= 0 && step <= 1)).toBe(true);
    for (const [from, to] of [
      [0, trace.tokens.length],
      [2, 5],
    ]) {
      const piece = pieceOf(columns, from, to);
      expect(piece.texts).toEqual(trace.tokens.slice(from, to).map(({ text }) => text));
      expect(piece.next).toBe(trace.tokens[to]?.text ?? null);
      expect([...piece.ids]).toEqual(trace.tokens.slice(from, to).map(({ id }) => id));
      expect(piece.candidates).toEqual(trace.tokens.slice(from, to).map(({ candidates = [] }) => candidates));
      expect([...piece.expertIds]).toEqual(trace.expertIds.slice(from, to).flat(2));
      expect([...piece.gateWeights]).toEqual(trace.gateWeights.slice(from, to).flat(2).map(Math.fround));
      expect([...piece.probabilities!]).toEqual(trace.probabilities!.slice(from, to).flat(2).map(Math.fround));
    }
  });

  const rows = <T>(count: number, layers: number, row: T) =>
    Array.from({ length: count }, () => Array(layers).fill(row));
  const shaped = (count: number, [layers, experts, k]: readonly number[], row: number[], first = row) => ({
    ...trace,
    model: { ...trace.model, layers, experts, expertsPerToken: k },
    promptTokens: 0,
    tokens: Array.from({ length: count }, () => ({ id: 1, text: 'a' })),
    expertIds: [[first, ...Array(layers - 1).fill(row)], ...rows(count - 1, layers, row)],
    gateWeights: [[first, ...Array(layers - 1).fill(row)], ...rows(count - 1, layers, row)],
    probabilities: undefined,
  });

  it.each<[string, () => unknown, RegExp]>([
    ['too many layers', () => shaped(1, [257, 2, 1], [0]), /257 layers of 2 experts; up to 256 of 1024/],
    ['too many experts', () => shaped(1, [1, 1025, 1], [0]), /1 layers of 1025 experts/],
    ['too many tokens', () => shaped(32_769, [1, 1, 1], [0]), /more than the 32768 tokens/],
    ['a token as long as a book', () => changed('tokens.0.text', 'x'.repeat(1001)), /text of at most 1000 characters/],
    ['a name as long as a page', () => changed('model.name', 'x'.repeat(201)), /at most 200 characters/],
    ['a part that is none', () => changed('created', 'x'.repeat(2e6)), /“created” of this trace is longer/],
    [
      'rows that would take more room than the file',
      () =>
        shaped(
          2000,
          [64, 1024, 1],
          [],
          Array.from({ length: 1024 }, (_, i) => i),
        ),
      /uses up to 1024 experts per token and layer, but hardly ever/,
    ],
  ])('refuses %s', (_, file, words) => {
    expect(() => parseTrace(file())).toThrow(words);
  });

  it('refuses the file that froze the page, at once', () => {
    const frozen = { position: 0, interventions: Array(20_000).fill({ kind: 'frozen' }) };
    const file = JSON.stringify({ ...shaped(1, [65_535, 2, 1], [0]), interventions: [frozen] });
    const refusing = quickest(() => expect(() => parseTrace(file)).toThrow(/65535 layers/));
    // It took thousands of times as long.
    expect(refusing).toBeLessThan(100 * quickest(() => JSON.parse(file)));
  });

  it.each(['', '{', '{"format"', '{"format":"moescope-trace"', '[1', '"x', '{}x', '{"a":1,}', '{"a" 1}', '{,}', '\\'])(
    'says of %j that it is no trace',
    (text) => {
      expect(() => parseTrace(text)).toThrow(UserError);
    },
  );

  it('ends in a UserError, or accepts, for any JSON and any text', () => {
    const holds = (value: unknown) => {
      try {
        parseTrace(value);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    };
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.string()), holds));
    const keys = Object.keys(trace);
    fc.assert(fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => holds({ ...trace, [key]: value })));
  });
});
