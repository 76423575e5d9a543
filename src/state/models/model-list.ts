/** models/index.json, which whoever runs the site may have written by hand: all that the page reads of it is checked. */
import type { ModelEntry } from '../../worker/protocol.ts';

export interface Catalog {
  readonly default: string;
  readonly models: readonly ModelEntry[];
}

const MOST_MODELS = 200;

type Rule = readonly [what: string, holds: (value: unknown) => boolean];
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (most: number): Rule => [
  'a text',
  (value) => typeof value === 'string' && value !== '' && value.length <= most,
];
const count: Rule = ['a whole number of at least 0', (value) => Number.isSafeInteger(value) && (value as number) >= 0];
const among = (...words: string[]): Rule => [words.join(' or '), (value) => words.includes(value as string)];
const matching = (pattern: RegExp, what: string): Rule => [
  what,
  (value) => typeof value === 'string' && pattern.test(value),
];

/** Where it is resolved, it must stay below models/. */
const beside: Rule = [
  'a path below models/',
  (value) => typeof value === 'string' && /^[\w-][\w. ()+-]*(\/[\w-][\w. ()+-]*)*$/.test(value) && value.length <= 500,
];

const ENTRY: readonly (readonly [key: keyof ModelEntry, rule: Rule])[] = [
  ['id', matching(/^[\w.-]{1,64}$/, 'up to 64 letters, digits, points and dashes')],
  ['file', beside],
  ['bytes', count],
  ['sha256', matching(/^[0-9a-f]{64}$/, 'a SHA-256 in hex')],
  ['title', text(200)],
  ['role', among('moe', 'dense-active', 'dense-total')],
  [
    'parameters',
    ['an object with total and active', (value) => isObject(value) && count[1](value.total) && count[1](value.active)],
  ],
  ['tokensSeen', count],
  ['card', beside],
];

const MATCHED = ['moe', 'same-total', 'same-active'] as const;
const pair = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each) && each >= 0);

/** May be left out. */
const OPTIONAL: typeof ENTRY = [
  ['bitsPerByte', ['a number of at least 0', (value) => Number.isFinite(value) && (value as number) >= 0]],
  [
    'reference',
    [
      'an object with device, date and times',
      (value) =>
        isObject(value) &&
        text(200)[1](value.device) &&
        /^\d{4}-\d\d-\d\d$/.test(String(value.date)) &&
        isObject(value.times) &&
        MATCHED.every((kind) => pair((value.times as Json)[kind])),
    ],
  ],
];

/** What is wrong with the first entry that is not right; null when all is. */
function problemOf(value: unknown): string | null {
  if (!isObject(value)) return 'it must be an object';
  if (typeof value.default !== 'string') return 'default must be a text';
  const { models } = value;
  if (!Array.isArray(models) || models.length > MOST_MODELS) return `models must be a list of up to ${MOST_MODELS}`;
  for (const [i, entry] of models.entries()) {
    if (!isObject(entry)) return `models[${i}] must be an object`;
    const wrong =
      ENTRY.find(([key, [, holds]]) => !holds(entry[key])) ??
      OPTIONAL.find(([key, [, holds]]) => entry[key] !== undefined && !holds(entry[key]));
    if (wrong) return `models[${i}].${wrong[0]} must be ${wrong[1][0]}`;
    const { bitsPerByte } = entry;
    if (bitsPerByte !== undefined && !Number.isFinite(bitsPerByte)) return `models[${i}].bitsPerByte must be a number`;
    if (models.findIndex(({ id }) => id === entry.id) < i) return `models[${i}].id must be another than those before`;
  }
  return null;
}

/** @throws Fault with one sentence that names what is wrong. */
export function readCatalog(value: unknown): Catalog {
  const problem = problemOf(value);
  if (problem === null) return value as Catalog;
  throw { code: 'network', message: `The list of models, “models/index.json”, is damaged: ${problem}.`, hint: '' };
}
