/** A damaged models/index.json gets one sentence that names the place, whatever it is. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCatalog } from '../../src/state/models/model-list.ts';

const shipped = JSON.parse(readFileSync('public/models/index.json', 'utf8'));
const complaint = (value: unknown): string => {
  try {
    readCatalog(value);
    return '';
  } catch (thrown) {
    expect(Object.keys(thrown as object)).toEqual(['code', 'message', 'hint']);
    return (thrown as { message: string }).message;
  }
};

it('takes the shipped list', () => {
  expect(readCatalog(shipped)).toEqual(shipped);
});

it.each([
  [null, /it must be an object/],
  [{ models: [] }, /default must be a text/],
  [{ default: 'moe', models: { length: 3 } }, /models must be a list/],
  [{ default: 'moe', models: [null] }, /models\[0\] must be an object/],
  [
    { ...shipped, models: [shipped.models[0], { ...shipped.models[1], bytes: '7' }] },
    /models\[1\].bytes must be a whole/,
  ],
  [{ ...shipped, models: [{ ...shipped.models[0], parameters: null }] }, /models\[0\].parameters must be an object/],
  [{ ...shipped, models: [shipped.models[0], shipped.models[0]] }, /models\[1\].id must be another/],
  [{ ...shipped, models: [{ ...shipped.models[0], file: '../../x.gguf' }] }, /models\[0\].file must be a path below/],
  [{ ...shipped, models: [{ ...shipped.models[0], card: 'a/..' }] }, /models\[0\].card must be a path below/],
  [{ ...shipped, models: [{ ...shipped.models[0], bitsPerByte: '1' }] }, /models\[0\].bitsPerByte must be a number/],
  [{ ...shipped, models: [{ ...shipped.models[0], role: 'constructor' }] }, /models\[0\].role must be moe or/],
])('says of %j what is wrong', (value, words) => {
  expect(complaint(value)).toMatch(words);
});

it('takes any JSON, or says one sentence', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(2), fc.constantFrom(...Object.keys(shipped.models[0])), (value, at, key) => {
      for (const list of [value, { ...shipped, models: value }])
        expect(complaint(list)).toMatch(/^(|[^.]+(\.json)?.*\.)$/);
      const models = structuredClone(shipped.models);
      models[at][key] = value;
      expect(complaint({ ...shipped, models })).toMatch(
        /^(|The list of models, “models\/index.json”, is damaged: .+\.)$/,
      );
    }),
  );
});
