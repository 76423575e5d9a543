/** Traces that were damaged or made to hurt: each is read to its end, or refused in one sentence. */
import { NotJson } from '../../src/engine/jsonText.ts';
import { readTrace } from '../../src/engine/parseTrace.ts';
import { pieceOf, type TraceColumns } from '../../src/engine/traceColumns.ts';
import { chunkOfPiece } from '../../src/state/text/chunks.ts';
import { TraceStore } from '../../src/state/text/trace-store.ts';
import { hangTrace, largeTrace } from '../hostileTraces.ts';
import { unclear } from './damage.ts';
import type { Chance, Suite } from './random.ts';

const SHAPES = [
  { tokens: 3, layers: 2, experts: 4, expertsPerToken: 2 },
  { tokens: 12, layers: 3, experts: 8, expertsPerToken: 1 },
  { tokens: 2, layers: 1, experts: 1, expertsPerToken: 1 },
];
const MORE = {
  interventions: [
    { position: 1, interventions: [{ kind: 'off', layer: 0, expert: 1 }] },
    { position: 2, interventions: [{ kind: 'k', layer: null, k: 1 }, { kind: 'frozen' }] },
  ],
  sampling: { temperature: 0.8, topK: 40, topP: 0.95, seed: 1 },
};
const NASTY: readonly unknown[] = [
  ...[
    null,
    true,
    '',
    'x',
    'constructor',
    '__proto__',
    0,
    -1,
    1.5,
    65_535,
    2 ** 31,
    2 ** 53,
    1e308,
    [],
    {},
    [[]],
    [[[]]],
  ],
  ...[{ toString: 1, valueOf: 1 }, { length: 5 }, { kind: 'off' }, { kind: 'bias', layer: 0, expert: 0, amount: 1e9 }],
  ...['x'.repeat(5000), Array(3000).fill([]), Array(3000).fill(0), Array(500).fill({ kind: 'frozen' })],
];
const PIECES = [
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '"',
  '\\',
  'null',
  '-',
  '1e9',
  '\u0000',
  '[[[[',
  '\\u00',
  ' ',
  '\ufeff',
  'NaN',
];

/** One value somewhere in the file is another, or goes away, or comes twice. */
function mutateValue(file: unknown, chance: Chance): void {
  for (let place = file as Record<string, unknown>; ; ) {
    const keys = Object.keys(place);
    if (!keys.length) return;
    const key = chance.of(keys);
    const inner = place[key];
    const deeper = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
    if (deeper && chance.next() < 0.75) {
      place = inner as Record<string, unknown>;
      continue;
    }
    const way = chance.whole(4);
    if (way === 0 && Array.isArray(place)) place.splice(Number(key), 1);
    else if (way === 0) delete place[key];
    else if (way === 1 && Array.isArray(place)) place.push(inner);
    else place[key] = structuredClone(chance.of(NASTY));
    return;
  }
}

function mutateText(text: string, chance: Chance): string {
  const at = chance.whole(text.length);
  switch (chance.whole(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + chance.of(PIECES) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + chance.whole(8));
    default:
      return text.slice(0, at) + text.slice(chance.whole(text.length));
  }
}

/** Takes a file as the page does; what is wrong with what it says, or null. */
export function taken(text: string, onStep: () => void = () => {}): string | null {
  let columns: TraceColumns;
  try {
    const reading = readTrace(text);
    for (;;) {
      const { done, value } = reading.next();
      if (done) {
        columns = value;
        break;
      }
      onStep();
    }
  } catch (error) {
    if (error instanceof NotJson) return `threw ${error}`;
    return unclear(error);
  }
  const { about } = columns;
  const store = new TraceStore();
  store.clear({
    layers: about.model.layers,
    experts: about.model.experts,
    expertsPerToken: about.model.expertsPerToken,
  });
  for (let at = 0; at < about.count; at += 256) {
    store.append(chunkOfPiece(pieceOf(columns, at, Math.min(about.count, at + 256)), about));
    onStep();
  }
  if (store.count !== about.count) return `holds ${store.count} of ${about.count} tokens`;
  return null;
}

export const traces = (count: number): Suite => ({
  name: 'traces',
  count,
  run: (chance) => {
    const file = JSON.parse(largeTrace(chance.of(SHAPES), chance.next() < 0.5 ? MORE : {}));
    if (chance.next() < 0.5) {
      const { layers, experts } = file.model;
      file.probabilities = file.tokens.map(() => Array(layers).fill(Array(experts).fill(1 / experts)));
    }
    for (let i = chance.whole(3); i >= 0; i--) mutateValue(file, chance);
    let text = JSON.stringify(file, null, chance.whole(2));
    if (chance.next() < 0.4) text = mutateText(text, chance);
    return taken(text);
  },
});

const HEAD = largeTrace({ tokens: 1, layers: 1, experts: 1, expertsPerToken: 1 }).replace(/,"tokens".*$/s, '');
const MILLIONS = (piece: string, millions = 1) => piece.repeat((millions * 1e6) / piece.length);

/** Each about as bad for its size as its kind can be. */
export const WORST: Readonly<Record<string, () => string>> = {
  'a long list for 65,535 layers': hangTrace,
  'empty lists': () => `${HEAD},"tokens":[${MILLIONS('[],', 3)}[]]}`,
  'empty objects': () => `${HEAD},"tokens":[${MILLIONS('{},', 3)}{}]}`,
  'an unknown key of empty lists': () => `${HEAD},"x":[${MILLIONS('[],', 3)}[]],"tokens":[{"id":0,"text":"a"}]}`,
  'a different key each': () =>
    `${HEAD},"x":[${Array.from({ length: 2e5 }, (_, i) => `{"k${i}":0}`).join()}],"tokens":[{"id":0,"text":"a"}]}`,
  'lists in lists': () => `${HEAD},"tokens":${MILLIONS('[', 1)}${MILLIONS(']', 1)}}`,
  'tokens alone': () => `${HEAD},"tokens":[${MILLIONS('{"id":0,"text":""},', 3)}{"id":0,"text":""}]}`,
  'one text': () => `${HEAD},"tokens":[{"id":0,"text":"${MILLIONS('x', 3)}"}]}`,
  escapes: () => `${HEAD},"tokens":[{"id":0,"text":"${MILLIONS('\\u0041', 3)}"}]}`,
  candidates: () => {
    const candidates = Array.from({ length: 256 }, () => ({ text: '', probability: 0 }));
    const tokens = Array.from({ length: 400 }, () => ({ id: 0, text: 'a', candidates }));
    return `${HEAD},"tokens":${JSON.stringify(tokens)},"expertIds":[${'[[0]],'.repeat(399)}[[0]]],"gateWeights":[${'[[1]],'.repeat(399)}[[1]]]}`;
  },
  'long texts': () =>
    largeTrace({ tokens: 3000, layers: 1, experts: 1, expertsPerToken: 1 }).replaceAll(
      /"text":"[^"]*"/g,
      `"text":"${'x'.repeat(1000)}"`,
    ),
  'as many tokens as may be': () => largeTrace({ tokens: 32_768, layers: 1, experts: 1, expertsPerToken: 1 }),
  'as many experts as may be': () => largeTrace({ tokens: 2, layers: 256, experts: 1024, expertsPerToken: 1024 }),
  'layers without experts': () => {
    const file = JSON.parse(largeTrace({ tokens: 1000, layers: 256, experts: 1024, expertsPerToken: 1 }));
    file.expertIds = file.gateWeights = Array(1000).fill(Array(256).fill([]));
    return JSON.stringify(file);
  },
  'one full row': () => {
    const file = JSON.parse(largeTrace({ tokens: 500, layers: 256, experts: 1024, expertsPerToken: 1 }));
    file.expertIds[0][0] = Array.from({ length: 1024 }, (_, i) => i);
    file.gateWeights[0][0] = Array(1024).fill(0);
    return JSON.stringify(file);
  },
  'a change at every token': () => {
    const file = JSON.parse(largeTrace({ tokens: 9000, layers: 4, experts: 8, expertsPerToken: 2 }));
    file.interventions = file.tokens.map((_: unknown, position: number) => ({
      position,
      interventions: [{ kind: 'frozen' }],
    }));
    return JSON.stringify(file);
  },
  'an honest one': () => largeTrace({ tokens: 2000, layers: 24, experts: 64, expertsPerToken: 8 }),
};
