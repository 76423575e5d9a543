/**
 * The page's state as the fragment of its address. A fragment, not a query, because a browser never sends it: the prompt is
 * the visitor's own text, and nothing they type leaves the tab. Only what is not default is written.
 */
import { brought, RANGES, readDecimal } from '../../engine/ranges.ts';
import type { SamplingText } from '../inputs.ts';
import { type Pace, TOKENS_PER_SECOND } from '../pace.ts';
import { PRESETS } from '../presets.ts';
import { VIEWS, type View } from '../view.ts';
import {
  type Complain,
  MOST_LAYERS,
  MOST_LISTED,
  readInterventions,
  readWhole,
  writeInterventions,
} from './interventions.ts';
import { DISCLOSURES, HIDEABLE, type PageState, THEMES, TOUR_STEPS } from './types.ts';

export const MOST_PROMPT = 20_000;
/** No honest link is longer; the rest of a hostile one is not even looked at. */
const MOST_CHARACTERS = 200_000;
const MOST_TOKEN = 1_000_000;
const MOST_PINS = 8;
const MOST_WINDOW = 100_000;
const MOST_BATCH = 512;
export const MOST_SCENES = 99;
/** A path beside the page: nobody's link brings a list from elsewhere. */
const SCENES = /^(?!\/)[\w./-]{1,200}$/;
/** Its parts are read by what races. */
const TRAINING = /^[\w.:,]{1,400}$/;
/** One of the list by its name, or an address, which is asked about before anything is fetched. */
const MODEL = /^([\w.-]{1,64}|https?:\/\/[^\s<>"]{3,1000})$/;
const REPEATABLE = /^(8|64|512|quality|[\w.-]{1,64}:(q4_0|q8_0|f16)(:\d{1,6}x\d{1,6})?)$/;

export const DEFAULT_STATE: PageState = {
  model: null,
  prompt: PRESETS[0].prompt,
  sampling: {
    temperature: RANGES.temperature.usual,
    topK: RANGES.topK.usual,
    topP: RANGES.topP.usual,
    seed: RANGES.seed.usual,
  },
  length: RANGES.length.usual,
  until: null,
  pace: 'reading',
  interventions: [],
  other: null,
  view: 'wall',
  layer: null,
  scope: 'all',
  window: 32,
  shareOf: 'assignments',
  order: 'number',
  token: null,
  experts: [],
  signs: false,
  open: [],
  theme: null,
  hide: [],
  step: null,
  batch: 1,
  repeat: null,
  scenes: null,
  scene: 0,
  kiosk: null,
  train: null,
  write: false,
};

const NUMBERS: readonly [key: string, field: keyof SamplingText][] = [
  ['temperature', 'temperature'],
  ['top-k', 'topK'],
  ['top-p', 'topP'],
  ['seed', 'seed'],
  ['tokens', 'length'],
];
const INTERVENTIONS = ['off', 'force', 'bias', 'k', 'route', 'frozen'];
const VIEWED = [
  'view',
  'batch',
  'layer',
  'wall',
  'window',
  'share',
  'order',
  'token',
  'experts',
  'signs',
  'open',
  'theme',
  'hide',
  'train',
];

/** Every key of a link but the tour's: an element takes each as an attribute of the same name. */
export const LINK_KEYS: readonly string[] = [
  ...['model', 'prompt', 'until', 'pace', 'other', 'write'],
  ...NUMBERS.map(([key]) => key),
  ...INTERVENTIONS,
  ...VIEWED,
];

/** As encodeURIComponent, but blanks, commas and colons stay readable. A half surrogate becomes U+FFFD. */
function encode(text: string): string {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return encodeURIComponent(whole).replace(/%20/g, '+').replace(/%2C/g, ',').replace(/%3A/g, ':');
}

const cells = (list: PageState['experts']) => list.map(({ layer, expert }) => `${layer}:${expert}`).join(',');

/** The fragment without its `#`; empty when all is default. */
export function writeAddress(state: PageState): string {
  const plain = DEFAULT_STATE;
  const values = { ...state.sampling, length: state.length };
  const usual = { ...plain.sampling, length: plain.length };
  const pairs: [string, string | null | false][] = [
    ['model', state.model],
    ['prompt', state.prompt !== plain.prompt && state.prompt.slice(0, MOST_PROMPT)],
    ...NUMBERS.map(([key, field]): [string, string | false] => [
      key,
      values[field] !== usual[field] && String(values[field]),
    ]),
    ['until', state.until === null ? null : String(state.until)],
    ['pace', state.pace !== plain.pace && state.pace],
    ...writeInterventions(state.interventions).map(([key, value]): [string, string] => [key, value]),
    ['other', state.other === null ? null : state.other.slice(0, MOST_PROMPT)],
    ['view', state.view !== plain.view && state.view],
    ['layer', state.layer === null ? null : String(state.layer)],
    ['wall', state.scope !== plain.scope && state.scope],
    ['window', state.window !== plain.window && String(state.window)],
    ['share', state.shareOf !== plain.shareOf && state.shareOf],
    ['order', state.order !== plain.order && state.order],
    ['token', state.token === null ? null : String(state.token)],
    ['experts', state.experts.length > 0 && cells(state.experts)],
    ['signs', state.signs && '1'],
    ['open', state.open.length > 0 && state.open.join(',')],
    ['theme', state.theme],
    ['hide', state.hide.length > 0 && state.hide.join(',')],
    ['step', state.step === null ? null : String(state.step)],
    ['batch', state.batch !== plain.batch && String(state.batch)],
    ['repeat', state.repeat],
    ['scenes', state.scenes],
    ['scene', state.scene > 0 && String(state.scene)],
    ['kiosk', state.kiosk],
    ['train', state.train],
    ['write', state.write && '1'],
  ];
  return pairs
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join('&');
}

export interface ReadState {
  readonly state: PageState;
  /** What could not be taken as it stands, a few words each. */
  readonly complaints: readonly string[];
}

/** Any fragment, with or without `#`: what makes no sense is left out, what is out of range is brought into it. */
export function readAddress(fragment: string): ReadState {
  const complaints: string[] = [];
  const complain: Complain = (words) => void complaints.push(words);
  if (fragment.length > MOST_CHARACTERS) complain('its end (the link is too long)');
  const state: { -readonly [key in keyof PageState]: PageState[key] } = { ...DEFAULT_STATE };
  const seen = new Set<string>();
  for (const [key, text] of new URLSearchParams(fragment.slice(0, MOST_CHARACTERS).replace(/^#/, ''))) {
    if (INTERVENTIONS.includes(key)) {
      const list = [...state.interventions, ...readInterventions(key, text, complain)];
      if (list.length > MOST_LISTED) complain(`more than ${MOST_LISTED} interventions`);
      state.interventions = list.slice(0, MOST_LISTED);
      continue;
    }
    if (seen.has(key)) complain(`“${key.slice(0, 24)}” twice (the last is taken)`);
    seen.add(key);
    Object.assign(state, readPair(key, text, state, complain));
  }
  return { state, complaints };
}

function readPair(key: string, text: string, state: PageState, complain: Complain): Partial<PageState> {
  const no = (): Partial<PageState> => {
    complain(`${key} “${text.slice(0, 24)}” (not understood)`);
    return {};
  };
  const number = NUMBERS.find(([name]) => name === key);
  if (number) return readNumber(number[1], key, text, state, complain) ?? no();
  const whole = (low: number, high: number, field: keyof PageState): Partial<PageState> => {
    const value = readWhole(text, low, high, key, complain);
    return value === null ? no() : { [field]: value };
  };
  const oneOf = (list: readonly string[], field: keyof PageState): Partial<PageState> =>
    list.includes(text) ? { [field]: text } : no();
  switch (key) {
    case '':
      return {};
    case 'model':
      return MODEL.test(text) ? { model: text } : no();
    case 'prompt':
    case 'other':
      if (text.length > MOST_PROMPT) complain(`the end of the ${key} (${MOST_PROMPT} characters are taken)`);
      return { [key]: text.slice(0, MOST_PROMPT) };
    case 'until':
      return whole(1, MOST_TOKEN, 'until');
    case 'pace':
      return oneOf(Object.keys(TOKENS_PER_SECOND), 'pace') as { pace?: Pace };
    case 'view':
      return oneOf(VIEWS, 'view') as { view?: View };
    case 'layer':
      return whole(0, MOST_LAYERS, 'layer');
    case 'wall':
      return oneOf(['token', 'window', 'all'], 'scope');
    case 'window':
      return whole(1, MOST_WINDOW, 'window');
    case 'share':
      return oneOf(['assignments', 'tokens'], 'shareOf');
    case 'order':
      return oneOf(['number', 'load'], 'order');
    case 'token':
      return whole(0, MOST_TOKEN, 'token');
    case 'experts':
      return { experts: readCells(text, complain) };
    case 'theme':
      return oneOf(THEMES, 'theme');
    case 'hide':
      return { hide: readNames(text, HIDEABLE, 'hiding', complain) };
    case 'open':
      return { open: readNames(text, DISCLOSURES, 'open', complain) };
    case 'step':
      return whole(1, TOUR_STEPS, 'step');
    case 'batch':
      return whole(1, MOST_BATCH, 'batch');
    case 'repeat':
      return REPEATABLE.test(text) ? { repeat: text } : no();
    case 'scenes':
      return SCENES.test(text) ? { scenes: text } : no();
    case 'scene':
      return whole(0, MOST_SCENES, 'scene');
    case 'kiosk':
      return oneOf(['1', 'midi'], 'kiosk');
    case 'train':
      return TRAINING.test(text) ? { train: text } : no();
    case 'signs':
    case 'write':
      return text === '1' || text === '0' ? { [key]: text === '1' } : no();
    default:
      complain(`“${key.slice(0, 24)}” (unknown)`);
      return {};
  }
}

function readNumber(
  field: keyof SamplingText,
  key: string,
  text: string,
  state: PageState,
  complain: Complain,
): Partial<PageState> | null {
  const number = readDecimal(text);
  if (!Number.isFinite(number)) return null;
  const fitted = brought(RANGES[field], number);
  if (fitted !== number) complain(`${key} ${text.slice(0, 24)} (${fitted} is taken)`);
  return field === 'length' ? { length: fitted } : { sampling: { ...state.sampling, [field]: fitted } };
}

function readCells(text: string, complain: Complain): PageState['experts'] {
  const list: { layer: number; expert: number }[] = [];
  for (const part of text.split(',', MOST_LISTED)) {
    const [layer, expert, rest] = part.split(':');
    const l = readWhole(layer ?? '', 0, MOST_LAYERS, 'layer', complain);
    const e = readWhole(expert ?? '', 0, MOST_LAYERS, 'expert', complain);
    if (l === null || e === null || rest !== undefined) complain(`expert “${part.slice(0, 24)}” (not understood)`);
    else if (!list.some((cell) => cell.layer === l && cell.expert === e)) list.push({ layer: l, expert: e });
  }
  if (list.length > MOST_PINS) complain(`more than ${MOST_PINS} pinned experts`);
  return list.slice(0, MOST_PINS);
}

/** Those of `known` that are named, in the order of `known`. */
function readNames<T extends string>(text: string, known: readonly T[], key: string, complain: Complain): T[] {
  const asked = new Set<string>(text.split(',', MOST_LISTED));
  for (const each of asked) {
    if (!known.some((name) => name === each)) complain(`${key} “${each.slice(0, 24)}” (unknown)`);
  }
  return known.filter((name) => asked.has(name));
}
