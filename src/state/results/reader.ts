/**
 * Reads a result card as the page gives it away in JSON. It comes from anybody: nothing of it is believed that can be checked,
 * and what is wrong is named with its place.
 */
import { BLOCK_KINDS, type BlockKind, type BlockShape, blockCost } from '../../compare/costModel.ts';
import { insteadOf, UserError } from '../../model/errors.ts';
import type { What } from '../saves/history.ts';
import type { SharedResult, SharedTime } from './shared.ts';

/** Characters of a card; a sweep up to 512 tokens has 60,000. */
export const MOST_CHARACTERS = 400_000;
const MOST_WORDS = 200;
/** Adapters that are a processor, whatever a card says of them. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bWARP\b/i;
const ROLES = { moe: 'moe', 'dense-active': 'same-active', 'dense-total': 'same-total' } as const;
/** FLOPs are computed, so they are the formula's but for rounding. */
const EXACT = 1e-9;

type Fields = Readonly<Record<string, unknown>>;

/** A part of the card, and where it stands there. */
class Part {
  private constructor(
    private readonly fields: Fields,
    private readonly place: string,
  ) {}

  static of(value: unknown, place: string): Part {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(place, 'an object', value);
    return new Part(value as Fields, place);
  }

  private at = (name: string): string => (this.place ? `${this.place}.${name}` : name);

  has(name: string): boolean {
    return this.fields[name] !== undefined && this.fields[name] !== null;
  }

  part(name: string): Part {
    return Part.of(this.fields[name], this.at(name));
  }

  parts(name: string): Part[] {
    const list = this.fields[name];
    if (!Array.isArray(list) || !list.length || list.length > 64) wrong(this.at(name), 'a list of 1 to 64', list);
    return list.map((each, i) => Part.of(each, `${this.at(name)}[${i}]`));
  }

  words(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string' || !value.trim() || value.length > MOST_WORDS)
      wrong(this.at(name), `words of at most ${MOST_WORDS} characters`, value);
    return value.trim();
  }

  one<T extends string>(name: string, of: readonly T[]): T {
    const value = this.fields[name];
    return of.find((each) => each === value) ?? wrong(this.at(name), `one of ${of.join(', ')}`, value);
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    return typeof value === 'boolean' ? value : wrong(this.at(name), 'true or false', value);
  }

  /** Larger than nothing, or nothing at least. */
  number(name: string, least: 'positive' | 'zero' = 'positive'): number {
    const value = this.fields[name];
    if (typeof value === 'number' && Number.isFinite(value) && (least === 'zero' ? value >= 0 : value > 0))
      return value;
    return wrong(this.at(name), least === 'zero' ? 'a number from zero up' : 'a number above zero', value);
  }

  count(name: string): number {
    const value = this.number(name);
    return Number.isInteger(value) ? value : wrong(this.at(name), 'a whole number', value);
  }

  /** Median between its ends, and the samples it is of. */
  time(name = 'time'): SharedTime {
    const time = this.part(name);
    const [median, spread, samples] = [time.number('median'), time.number('spread', 'zero'), time.count('samples')];
    if (!(time.number('low') <= median && median <= time.number('high')))
      wrong(`${time.place}.median`, 'between its lowest and its highest sample', median);
    return { median, spread, samples };
  }

  rate(name: string): number {
    const rate = this.part(name);
    rate.number('spread', 'zero');
    rate.count('samples');
    return rate.number('rate');
  }

  fail(name: string, wanted: string): never {
    return wrong(this.at(name), wanted, this.fields[name]);
  }
}

function wrong(place: string, wanted: string, value: unknown): never {
  throw new UserError(
    'bad-file',
    `This is no result that can be shown: ${place} is to be ${wanted}${insteadOf(value)}.`,
  );
}

/** Which of the three cards it is. */
function whatOf(card: Part): What {
  if (card.has('decode')) return 'layer';
  const [first] = card.parts('points');
  return first.has('heldout') ? 'quality' : 'sweep';
}

/**
 * @param text a card in JSON.
 * @throws UserError bad-file, with the place of what is wrong
 */
export function readCard(text: string): SharedResult {
  if (text.length > MOST_CHARACTERS) throw new UserError('bad-file', 'This file is too large for a result card.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError('bad-file', 'This is no result card: it is not JSON.');
  }
  const card = Part.of(json, 'the file');
  const what = whatOf(card);
  const date = card.words('date');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(date) || Number.isNaN(Date.parse(date)))
    card.fail('date', 'a time of ISO 8601 in UTC');
  return { what, date, browser: card.words('browser'), ...{ sweep, layer, quality }[what](card) };
}

type Rest = Omit<SharedResult, 'what' | 'browser' | 'date'>;

function adapter(info: Part): Pick<SharedResult, 'device' | 'software'> {
  const [device, software] = [info.words('name'), info.flag('fallback')];
  info.one('kind', ['webgpu']);
  if (SOFTWARE.test(device) && !software) info.fail('fallback', `true, because “${device}” is a software adapter`);
  return { device, software };
}

/** What a sweep and a layer have in common: one step of one token, the limits of the machine, the clock. */
function block(card: Part, step: Part): Pick<Rest, 'device' | 'software' | 'clock' | 'times' | 'read'> {
  const rows = step.parts('rows');
  const timeOf = (kind: BlockKind) => {
    const row = rows.find((each) => each.one('kind', BLOCK_KINDS) === kind);
    return row ? row.time() : null;
  };
  const times = { moe: timeOf('moe'), 'same-active': timeOf('same-active'), 'same-total': timeOf('same-total') };
  if (!times.moe || !times['same-total']) step.fail('rows', 'the MoE and the dense block of the same total size');
  const limits = card.part('limits');
  limits.rate('fma');
  return {
    ...adapter(card.part('info')),
    times,
    read: limits.rate('read'),
    clock: card.part('method').one('clock', ['timestamps', 'wall']),
  };
}

function sweep(card: Part): Rest {
  const points = card.parts('points');
  const shape = shapeOf(card.part('shape'));
  for (const point of points) {
    const tokens = point.count('tokens');
    for (const row of point.parts('rows')) {
      const kind = row.one('kind', BLOCK_KINDS);
      const flops = tokens * blockCost(kind, shape, tokens, 1).flops;
      if (Math.abs(row.number('flops') / flops - 1) > EXACT) row.fail('flops', `${flops}, by the formula`);
      row.time();
    }
  }
  const one = points.find((point) => point.count('tokens') === 1) ?? card.fail('points', 'one of them of one token');
  const weights = card.part('method').words('weights');
  return {
    ...block(card, one),
    subject: `${card.words('model')}, one layer, ${weights}`,
    repeat: String(Math.max(...points.map((point) => point.count('tokens')))),
  };
}

function shapeOf(shape: Part): BlockShape {
  const [width, expertHidden] = [shape.count('width'), shape.count('expertHidden')];
  const [experts, expertsPerToken] = [shape.count('experts'), shape.count('expertsPerToken')];
  if (experts < 2) shape.fail('experts', '2 at least');
  if (expertsPerToken > experts) shape.fail('expertsPerToken', `${experts} at most`);
  return { width, expertHidden, experts, expertsPerToken };
}

function layer(card: Part): Rest {
  const precision = card.one('precision', ['q4_0', 'q8_0', 'f16']);
  const slice = card.has('slice') ? card.part('slice') : null;
  const part = slice && { experts: slice.count('experts'), hidden: slice.count('expertHidden') };
  const words = part ? `a slice of ${part.experts} experts of ${part.hidden} units` : 'one layer';
  const decode = card.part('decode');
  if (decode.count('tokens') !== 1) decode.fail('tokens', '1');
  return {
    ...block(card, decode),
    subject: `${card.words('name')}, ${words}, ${precision}`,
    repeat: `${card.words('id')}:${precision}${part ? `:${part.experts}x${part.hidden}` : ''}`,
  };
}

/** Whole models while they write; of the MoE as it was trained. */
function quality(card: Part): Rest {
  const points = card.parts('points');
  const times: Record<string, SharedTime> = {};
  for (const point of points) {
    const role = point.part('model').one('role', ['moe', 'dense-active', 'dense-total']);
    point.part('heldout').number('bitsPerByte');
    if (point.flag('trained')) times[ROLES[role]] = point.time();
  }
  if (!times.moe) card.fail('points', 'one of them the MoE as it was trained');
  return {
    ...adapter(points[0].part('info')),
    subject: 'The shipped models, writing, all layers',
    times: { moe: times.moe, 'same-active': times['same-active'] ?? null, 'same-total': times['same-total'] ?? null },
    read: null,
    clock: 'wall',
    repeat: 'quality',
  };
}
