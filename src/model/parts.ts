/** A model that is split over several files, as llama.cpp splits them: what they are called, and how they become one again. */
import { UserError } from './errors.ts';
import type { GgufHeader } from './gguf.ts';
import { Metadata } from './metadata.ts';

const NAME = /^(.*)-(\d{5})-of-(\d{5})(\.gguf(?:[?#].*)?)$/is;
/** No published model has a tenth of it. */
const MOST_PARTS = 512;

/** Names, paths or addresses of all parts, from that of any of them; null for what is whole. */
export function partNames(name: string): readonly string[] | null {
  const [, before, number, of, after] = NAME.exec(name) ?? [];
  const count = Number(of);
  if (!(count > 1 && count <= MOST_PARTS && Number(number) >= 1 && Number(number) <= count)) return null;
  return Array.from({ length: count }, (_, i) => `${before}-${String(i + 1).padStart(5, '0')}-of-${of}${after}`);
}

/** What the whole is called. */
export const wholeName = (name: string): string =>
  partNames(name) ? name.replace(NAME, (_, before, _number, _of, after) => before + after) : name;

/** Why files cannot be one model, by their names; null where they may be. */
export function namesProblem(names: readonly string[]): string | null {
  const stray = names.find((name) => !partNames(name));
  const shown = (name: string) => `“${name.slice(0, 60)}”`;
  if (stray !== undefined)
    return `${shown(stray)} is no part of a model: of several files only the parts of one model can be opened together.`;
  const other = names.find((name) => wholeName(name) !== wholeName(names[0]));
  return other === undefined ? null : `${shown(names[0])} and ${shown(other)} are parts of different models.`;
}

const MIXED = 'they are parts of different models';
const bad = (message: string, hint = 'Choose all parts of one model, and nothing else.') =>
  new UserError('bad-file', message, hint);

/** "Part 2", "Parts 2, 3 and 5". */
function listed(numbers: readonly number[]): string {
  if (numbers.length === 1) return `Part ${numbers[0]}`;
  return `Parts ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

/**
 * The headers of all parts in their order, wherever they stood: by what they say of themselves.
 * @throws UserError bad-file where one is missing, is there twice, or belongs to another model.
 */
export function inOrder<T extends { readonly header: GgufHeader }>(parts: readonly T[]): T[] {
  const about = parts.map((part) => {
    const metadata = new Metadata(part.header.metadata);
    return { part, number: metadata.whole('split.no', 0, 0) + 1, count: metadata.whole('split.count', 0, 0) };
  });
  const [{ count }] = about;
  if (about.some((each) => each.count < 2)) throw bad('One of these files is no part of a model.');
  const other = about.find((each) => each.count !== count);
  if (other) throw bad(`One of these files is a part of ${count}, another of ${other.count}: ${MIXED}.`);
  const placed = new Map<number, T>();
  for (const { part, number } of about) {
    if (placed.has(number)) throw bad(`Part ${number} of ${count} is there twice.`);
    placed.set(number, part);
  }
  if (count > MOST_PARTS) throw bad(`This model is said to have ${count} parts, more than is sensible.`);
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const missing = numbers.filter((number) => !placed.has(number));
  if (missing.length > 0)
    throw bad(
      `${listed(missing.slice(0, 8))} of ${count} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      'Choose or drop all parts together.',
    );
  return numbers.map((number) => placed.get(number)!);
}

/** What the parts hold, in one map. @throws UserError bad-file where they are of different models */
export function joined<T>(first: GgufHeader, maps: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  const all = new Map(maps.flatMap((map) => [...map]));
  const count = maps.reduce((sum, map) => sum + map.size, 0);
  if (all.size < count) throw bad(`Two parts hold the same tensor: ${MIXED}.`);
  const said = new Metadata(first.metadata).whole('split.tensors.count', count, 0);
  if (said !== count) throw bad(`The parts hold ${count} tensors, and the first names ${said}: ${MIXED}.`);
  return all;
}
