/** Reads a trace file that anybody may have written: everything docs/trace.md promises is checked, and its limits kept. */
import { JsonText, NotJson } from './jsonText.ts';
import type { Change, TraceFile } from './trace.ts';
import { Growing, type TraceAbout, type TraceCandidates, type TraceColumns } from './traceColumns.ts';
import {
  bad,
  checkCard,
  checkChanges,
  checkDevice,
  checkModel,
  checkSampling,
  checkSize,
  checkToken,
  fail,
  type Json,
  MOST,
  MOST_PART,
  must,
  ROOM,
  text,
  tooBig,
  whole,
} from './traceRules.ts';

/** [T][L] rows: goes into each, calls `row`, which reads it to its end. */
function* eachRow(
  json: JsonText,
  [count, layers]: readonly [number, number],
  path: string,
  row: (t: number, layer: number, path: string) => void,
): Generator<void> {
  must(json.intoList(), path, 'a list');
  let t = 0;
  for (; json.more(t); t++) {
    must(t < count, path, `a list of ${count}`);
    must(json.intoList(), `${path}[${t}]`, 'a list');
    let layer = 0;
    for (; json.more(layer); layer++) {
      must(layer < layers, `${path}[${t}]`, `a list of ${layers}`);
      const at = `${path}[${t}][${layer}]`;
      must(json.intoList(), at, 'a list');
      row(t, layer, at);
    }
    must(layer === layers, `${path}[${t}]`, `a list of ${layers}`);
    yield;
  }
  must(t === count, path, `a list of ${count}`);
}

/** A row's numbers to its end; `take` says what each must be where it does not fit, null where it does. */
function readRow(
  json: JsonText,
  path: string,
  [least, most]: readonly [number, number],
  width: string,
  take: (value: number | null | undefined) => string | null,
): void {
  let i = 0;
  for (; json.more(i); i++) {
    must(i < most, path, width);
    const expected = take(json.nothing() ? null : json.number());
    if (expected !== null) fail(`${path}[${i}]`, expected);
  }
  must(i >= least, path, width);
}

class Reader {
  private readonly json: JsonText;
  private readonly places = new Map<string, number>();

  constructor(private readonly file: string) {
    this.json = new JsonText(file);
  }

  /** Where every key's value stands. */
  *index(): Generator<number> {
    const { file } = this;
    const json = this.json;
    const places = this.places;
    if (json.peek() !== 123) {
      json.value();
      throw bad('This file is not a moescope trace.');
    }
    json.intoObject();
    for (let i = 0; json.more(i); i++) {
      const key = json.key();
      json.peek();
      places.set(key, json.at);
      for (const _ of json.pass()) yield json.at / (2 * file.length);
    }
    if (!Number.isNaN(json.peek())) throw new NotJson();
  }

  /** A small part. */
  part(key: string): unknown {
    const place = this.places.get(key);
    if (place === undefined) return undefined;
    this.json.at = place;
    const from = this.json.at;
    const value = this.json.value(MOST_PART);
    if (value === undefined && this.json.at - from > MOST_PART)
      throw tooBig(`“${key}” of this trace is longer than the ${MOST_PART / 1e6} MB that can be read.`);
    return value;
  }

  /** A long part, if it is there. */
  *long(key: string, read: (json: JsonText) => Generator<void>): Generator<number> {
    const place = this.places.get(key);
    must(place !== undefined, key, 'a list');
    this.json.at = place;
    for (const _ of read(this.json)) yield 0.5 + this.json.at / (2 * this.file.length);
  }

  has(key: string): boolean {
    return this.places.has(key);
  }
}

/** The file's text, checked throughout, a part of the way (0 to 1) at each step. @throws UserError bad-file, NotJson */
function* readAll(file: string): Generator<number, TraceColumns> {
  const reader = new Reader(file);
  yield* reader.index();
  if (reader.part('format') !== 'moescope-trace') throw bad('This file is not a moescope trace.');
  const version = reader.part('version');
  if (version !== 1 && version !== 2) {
    const found = typeof version === 'number' ? `version ${version}` : 'a version that is no number';
    throw bad(`The trace has ${version === undefined ? 'no version' : found}; only 1 and 2 can be read.`);
  }
  // The first version had neither interventions nor logits, and K experts in every row.
  const first = version === 1;
  const model = checkModel(reader.part('model'));
  const { layers, experts, expertsPerToken } = model;
  const card = checkCard(reader.part('card'));
  const device = checkDevice(reader.part('device'));
  const created = text(reader.part('created'), 'created', MOST.name);
  must(!Number.isNaN(Date.parse(created)), 'created', 'a date');
  const sampling = checkSampling(reader.part('sampling'));

  const texts: string[] = [];
  const candidates: TraceCandidates[] = [];
  const ids = new Growing(new Uint32Array(0));
  yield* reader.long('tokens', function* (json) {
    must(json.intoList(), 'tokens', 'a list');
    for (let t = 0; json.more(t); t++) {
      if (t >= MOST.tokens) throw tooBig(`This trace has more than the ${MOST.tokens} tokens that can be shown.`);
      const token = json.value(MOST_PART);
      candidates.push(checkToken(token, `tokens[${t}]`));
      ids.push((token as Json).id as number);
      texts.push((token as Json).text as string);
      yield;
    }
  });
  const count = texts.length;
  must(count > 0, 'tokens', 'a list of at least one');
  const promptTokens = whole(reader.part('promptTokens'), 0, count, 'promptTokens');

  const all = [count, layers] as const;
  const expertIds = new Growing(new Uint16Array(0));
  const rowEnds = new Growing(new Uint32Array(0));
  const [least, most] = first ? [expertsPerToken, expertsPerToken] : [0, experts];
  const lastRow = new Int32Array(experts).fill(-1);
  let slots = expertsPerToken;
  yield* reader.long('expertIds', (json) =>
    eachRow(json, all, 'expertIds', (t, layer, path) => {
      const from = expertIds.length;
      let different = true;
      readRow(json, path, [least, most], first ? `a list of ${most}` : `a list of at most ${most}`, (x) => {
        if (!Number.isInteger(x) || x! < 0 || x! >= experts) return `a whole number from 0 to ${experts - 1}`;
        if (lastRow[x!] === t * layers + layer) different = false;
        lastRow[x!] = t * layers + layer;
        expertIds.push(x!);
        return null;
      });
      must(different, path, 'a list of different experts');
      rowEnds.push(expertIds.length);
      slots = Math.max(slots, expertIds.length - from);
    }),
  );
  if (6 * count * layers * slots > ROOM + 4 * file.length)
    throw tooBig(`This trace uses up to ${slots} experts per token and layer, but hardly ever: it cannot be shown.`);
  const gateWeights = new Growing(new Float32Array(0));
  yield* reader.long('gateWeights', (json) =>
    eachRow(json, all, 'gateWeights', (t, layer, path) => {
      const row = t * layers + layer;
      const width = rowEnds.get(row) - (row === 0 ? 0 : rowEnds.get(row - 1));
      readRow(json, path, [width, width], `a list of ${width}, as in expertIds`, (x) => {
        if (typeof x !== 'number' || !(x >= 0 && x < Number.POSITIVE_INFINITY)) return 'a number of at least 0';
        gateWeights.push(x);
        return null;
      });
    }),
  );
  const probabilities = reader.has('probabilities') ? new Growing(new Float32Array(0)) : null;
  const wide = `a list of ${experts}`;
  if (probabilities) {
    yield* reader.long('probabilities', (json) =>
      eachRow(json, all, 'probabilities', (_t, _layer, path) =>
        readRow(json, path, [experts, experts], wide, (x) => {
          if (typeof x !== 'number' || !(x >= 0 && x <= 1)) return 'a number from 0 to 1';
          probabilities.push(x);
          return null;
        }),
      ),
    );
  }
  if (!first && reader.has('logits')) {
    const fitting = (x: unknown) => x === null || (typeof x === 'number' && Math.abs(x) <= 1e30);
    yield* reader.long('logits', (json) =>
      eachRow(json, all, 'logits', (_t, _layer, path) =>
        readRow(json, path, [experts, experts], wide, (x) => (fitting(x) ? null : 'a number from −1e30 to 1e30')),
      ),
    );
  }
  let changes: readonly Change[] = [];
  if (!first && reader.has('interventions')) {
    const checking = checkChanges(reader.part('interventions'), model, count);
    for (let step = checking.next(); ; step = checking.next()) {
      if (step.done) {
        changes = step.value;
        break;
      }
      yield 1;
    }
  }
  const about: TraceAbout = { model, card, device, created, sampling, promptTokens, changes, count, slots };
  return { about, ids, texts, candidates, rowEnds, expertIds, gateWeights, probabilities };
}

/**
 * The text of a trace file, checked throughout, piece by piece: each step tells how far it is, from 0 to 1. Whoever drives
 * it may pause between two steps, or stop.
 * @throws UserError bad-file with one sentence that names the first thing that is wrong.
 */
export function* readTrace(file: string): Generator<number, TraceColumns> {
  checkSize(file.length);
  try {
    return yield* readAll(file.startsWith('\ufeff') ? file.slice(1) : file);
  } catch (error) {
    throw error instanceof NotJson ? bad('The trace is not JSON.') : error;
  }
}

/** A trace file's content, its text or the value JSON.parse made of it, checked in one go. @throws UserError as readTrace() */
export function parseTrace(json: unknown): TraceFile {
  const file = typeof json === 'string' ? json : (JSON.stringify(json) ?? '');
  const reading = readTrace(file);
  while (!reading.next().done);
  if (typeof json !== 'string') return json as TraceFile;
  try {
    return JSON.parse(json.replace(/^\ufeff/, ''));
  } catch {
    throw bad('The trace is not JSON.');
  }
}
