/** The one table of what a link carries: how it is read and how it is written. */
import type { Intervention } from '../../engine/interventions.ts';
import { brought, RANGES, readDecimal } from '../../engine/ranges.ts';
import type { WriteRequest } from '../session/inputs.ts';
import { type Pace, TOKENS_PER_SECOND } from '../text/pace.ts';
import { PRESETS } from '../text/presets.ts';
import { VIEWS, type View } from '../views/view.ts';
import {
  type Complain,
  INTERVENTION_KEYS,
  MOST_LAYERS,
  MOST_LISTED,
  readInterventions,
  readWhole,
  writeInterventions,
} from './interventions.ts';
import {
  DISCLOSURES,
  type Disclosure,
  HIDEABLE,
  type Hideable,
  type Stage,
  THEMES,
  type Theme,
  TOUR_STEPS,
} from './types.ts';

export const MOST_PROMPT = 20_000;
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

/** A part of the state, under one key or under several. */
interface Field<T> {
  readonly keys: readonly string[];
  readonly usual: T;
  /** `before`: what the link has said of it so far. undefined: not understood. */
  read(text: string, complain: Complain, key: string, before: T): T | undefined;
  /** Of a value that is not the usual one. */
  write(value: T): readonly (readonly [key: string, text: string])[];
  /** Its keys may come again. */
  readonly again?: boolean;
  /** No attribute of an element: the page alone has it. */
  readonly pageAlone?: boolean;
}

type Read<T> = (text: string, complain: Complain, key: string) => T | undefined;

const field = <T>(key: string, usual: T, read: Read<T>, text: (value: T) => string = String): Field<T> => ({
  keys: [key],
  usual,
  read,
  write: (value) => [[key, text(value)]],
});

const whole =
  (low: number, high: number): Read<number> =>
  (text, complain, key) =>
    readWhole(text, low, high, key, complain) ?? undefined;

const oneOf =
  <T extends string>(list: readonly T[]): Read<T> =>
  (text) =>
    list.find((each) => each === text);

const like =
  (pattern: RegExp): Read<string> =>
  (text) =>
    pattern.test(text) ? text : undefined;

const words: Read<string> = (text, complain, key) => {
  if (text.length > MOST_PROMPT) complain(`the end of the ${key} (${MOST_PROMPT} characters are taken)`);
  return text.slice(0, MOST_PROMPT);
};

const flag: Read<boolean> = (text) => (text === '1' || text === '0' ? text === '1' : undefined);

/** Those of `known` that are named, in the order of `known`. */
const namesOf =
  <T extends string>(known: readonly T[], called: string): Read<readonly T[]> =>
  (text, complain) => {
    const asked = new Set<string>(text.split(',', MOST_LISTED));
    for (const each of asked) {
      if (!known.some((name) => name === each)) complain(`${called} “${each.slice(0, 24)}” (unknown)`);
    }
    return known.filter((name) => asked.has(name));
  };

type Cell = { readonly layer: number; readonly expert: number };

const cells: Read<readonly Cell[]> = (text, complain) => {
  const list: Cell[] = [];
  for (const part of text.split(',', MOST_LISTED)) {
    const [layer, expert, rest] = part.split(':');
    const l = readWhole(layer ?? '', 0, MOST_LAYERS, 'layer', complain);
    const e = readWhole(expert ?? '', 0, MOST_LAYERS, 'expert', complain);
    if (l === null || e === null || rest !== undefined) complain(`expert “${part.slice(0, 24)}” (not understood)`);
    else if (!list.some((cell) => cell.layer === l && cell.expert === e)) list.push({ layer: l, expert: e });
  }
  if (list.length > MOST_PINS) complain(`more than ${MOST_PINS} pinned experts`);
  return list.slice(0, MOST_PINS);
};

const number =
  (name: keyof typeof RANGES): Read<number> =>
  (text, complain, key) => {
    const given = readDecimal(text);
    if (!Number.isFinite(given)) return undefined;
    const fitted = brought(RANGES[name], given);
    if (fitted !== given) complain(`${key} ${text.slice(0, 24)} (${fitted} is taken)`);
    return fitted;
  };

const SAMPLING = { temperature: 'temperature', 'top-k': 'topK', 'top-p': 'topP', seed: 'seed' } as const;
type Sampling = Readonly<Record<(typeof SAMPLING)[keyof typeof SAMPLING], number>>;
const samplingKeys = Object.keys(SAMPLING) as (keyof typeof SAMPLING)[];

const sampling: Field<Sampling> = {
  keys: samplingKeys,
  usual: {
    temperature: RANGES.temperature.usual,
    topK: RANGES.topK.usual,
    topP: RANGES.topP.usual,
    seed: RANGES.seed.usual,
  },
  read(text, complain, key, before) {
    const name = SAMPLING[key as keyof typeof SAMPLING];
    const value = number(name)(text, complain, key);
    return value === undefined ? value : { ...before, [name]: value };
  },
  write: (value) =>
    samplingKeys
      .filter((key) => value[SAMPLING[key]] !== sampling.usual[SAMPLING[key]])
      .map((key) => [key, String(value[SAMPLING[key]])] as const),
};

const interventions: Field<readonly Intervention[]> = {
  keys: INTERVENTION_KEYS,
  usual: [],
  again: true,
  read(text, complain, key, before) {
    const list = [...before, ...readInterventions(key, text, complain)];
    if (list.length > MOST_LISTED) complain(`more than ${MOST_LISTED} interventions`);
    return list.slice(0, MOST_LISTED);
  },
  write: writeInterventions,
};

const cut = (text: string | null) => text!.slice(0, MOST_PROMPT);
const one = () => '1';

const alone = <T>(given: Field<T>): Field<T> => ({ ...given, pageAlone: true });

/** All of the page that a link carries. */
export interface PageState extends Stage {
  /** An id of models/index.json; null is the default model. */
  readonly model: string | null;
  readonly prompt: string;
  readonly sampling: WriteRequest['sampling'];
  /** Tokens to write. */
  readonly length: number;
  /** Tokens after which it pauses, where it stood still when the link was made; null writes all of them. */
  readonly until: number | null;
  readonly pace: Pace;
  readonly interventions: readonly Intervention[];
  /** The second prompt of two runs side by side; null compares without and with the interventions. */
  readonly other: string | null;
  readonly view: View;
  /** Counted from 0; null is the last. */
  readonly layer: number | null;
  readonly scope: 'token' | 'window' | 'all';
  readonly window: number;
  readonly shareOf: 'assignments' | 'tokens';
  /** How the experts of a layer stand on the wall; by load as it was when the text had ended. */
  readonly order: 'number' | 'load';
  /** The pinned token, by its position in the text. */
  readonly token: number | null;
  /** Pinned experts, in the order of pinning. */
  readonly experts: readonly { readonly layer: number; readonly expert: number }[];
  /** Spaces and line breaks of the text are shown as signs. */
  readonly signs: boolean;
  /** What is folded out, in the order of DISCLOSURES. */
  readonly open: readonly Disclosure[];
  /** null follows the system. */
  readonly theme: Theme | null;
  readonly hide: readonly Hideable[];
  /** Step of the tour, from 1. */
  readonly step: number | null;
  /** Tokens per step that the comparison with dense speaks of. */
  readonly batch: number;
  /**
   * A measurement that the link offers to repeat: how far a sweep goes, `quality`, or a published layer as
   * `id:format` or `id:format:EXPERTSxUNITS`.
   */
  readonly repeat: string | null;
  /** Experts of a layer that the GPU holds; null: all. */
  readonly held: number | null;
  /** The race of "Train one", as it is set up; null where it is not open. */
  readonly train: string | null;
  /** Write at once, even where nothing else in the link asks for it. */
  readonly write: boolean;
}

/** In the order in which a link is written. */
const FIELDS: { readonly [Name in keyof PageState]: Field<PageState[Name]> } = {
  model: field<string | null>('model', null, like(MODEL)),
  prompt: field('prompt', PRESETS[0].prompt, words, cut),
  sampling,
  length: field('tokens', RANGES.length.usual, number('length')),
  until: field<number | null>('until', null, whole(1, MOST_TOKEN)),
  pace: field<Pace>('pace', 'reading', oneOf(Object.keys(TOKENS_PER_SECOND) as Pace[])),
  interventions,
  other: field<string | null>('other', null, words, cut),
  view: field<View>('view', 'wall', oneOf(VIEWS)),
  layer: field<number | null>('layer', null, whole(0, MOST_LAYERS)),
  scope: field<'token' | 'window' | 'all'>('wall', 'all', oneOf(['token', 'window', 'all'])),
  window: field('window', 32, whole(1, MOST_WINDOW)),
  shareOf: field<'assignments' | 'tokens'>('share', 'assignments', oneOf(['assignments', 'tokens'])),
  order: field<'number' | 'load'>('order', 'number', oneOf(['number', 'load'])),
  token: field<number | null>('token', null, whole(0, MOST_TOKEN)),
  experts: field<readonly Cell[]>('experts', [], cells, (list) =>
    list.map(({ layer, expert }) => `${layer}:${expert}`).join(),
  ),
  signs: field('signs', false, flag, one),
  open: field<readonly Disclosure[]>('open', [], namesOf(DISCLOSURES, 'open')),
  theme: field<Theme | null>('theme', null, oneOf(THEMES)),
  hide: field<readonly Hideable[]>('hide', [], namesOf(HIDEABLE, 'hiding')),
  step: alone(field<number | null>('step', null, whole(1, TOUR_STEPS))),
  batch: field('batch', 1, whole(1, MOST_BATCH)),
  repeat: alone(field<string | null>('repeat', null, like(REPEATABLE))),
  scenes: alone(field<string | null>('scenes', null, like(SCENES))),
  scene: alone(field('scene', 0, whole(0, MOST_SCENES))),
  kiosk: alone(field<'1' | 'midi' | null>('kiosk', null, oneOf<'1' | 'midi'>(['1', 'midi']))),
  held: alone(field<number | null>('held', null, whole(1, MOST_LAYERS))),
  train: field<string | null>('train', null, like(TRAINING)),
  write: field('write', false, flag, one),
};

/** The same as a list. */
export const NAMED = Object.entries(FIELDS) as [name: keyof PageState, field: Field<unknown>][];
