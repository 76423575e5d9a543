import { expect, test } from 'vitest';
import { candidates, defaultTuning, FAMILIES } from '../../src/gpu/tuning.ts';
import type { Tuning } from '../../src/gpu/types.ts';

const ALL = new Set(['subgroups']);
const fieldsOf = (family: (typeof FAMILIES)[number]) =>
  [...new Set(candidates(family, ALL).flatMap(({ tuning }) => Object.keys(tuning)))].sort();

test('families share no field, so that the best of each can be joined', () => {
  const fields = FAMILIES.flatMap(fieldsOf);
  expect(new Set(fields).size).toBe(fields.length);
});

test.each(FAMILIES)('every candidate for %s decides the same fields, under a name of its own', (family) => {
  const all = candidates(family, ALL);
  for (const { tuning } of all) expect(Object.keys(tuning).sort()).toEqual(fieldsOf(family));
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test.each([
  [true, new Set<string>()],
  [true, ALL],
  [false, new Set<string>()],
])('the default for software = %s can be chosen with the features it is for', (software, features) => {
  const standard = defaultTuning(software, features);
  for (const family of FAMILIES) {
    const same = ({ tuning }: { tuning: Partial<Tuning> }) =>
      Object.entries(tuning).every(([field, value]) => standard[field as keyof Tuning] === value);
    expect(candidates(family, features).filter(same).length).toBe(1);
  }
});
