/** Reads a list of scenes that anybody may have written: all that docs/presenting.md promises is checked. */

import { UserError } from '../../model/errors.ts';
import { readAddress } from '../address/address.ts';
import type { PageState } from '../address/keys.ts';
import { MOST_SCENES } from '../address/keys.ts';
import { isObject, type Json } from '../models/model-list.ts';
import { type Target, TOUR } from '../page/tour.ts';

export const MARK = 'moescope-scenes';
export const MOST_BYTES = 256_000;

/** What a scene can put in the light, as a list names it. */
const SPOTS: Readonly<Record<string, Target>> = {
  text: 'moe-text',
  wall: 'expert-wall',
  panel: 'panel',
  cost: 'cost-strip',
  interventions: 'intervention-list',
};

/** What a scene can show in place of the page. */
export const PICTURES = ['machine', 'lit', 'router', 'next', 'kinds', 'proof', 'touched', 'bill'] as const;
export type Picture = (typeof PICTURES)[number];

export interface Scene {
  readonly title: string;
  /** What stands under the title; may be empty. */
  readonly text: string;
  /** The page as this scene sets it. */
  readonly state: PageState;
  /** A step of the tour whose state comes on top, from 1. */
  readonly tour: number | null;
  readonly spotlight: Target | null;
  /** Fills the screen, under the title alone; null shows the page itself. */
  readonly picture: Picture | null;
  readonly notes: string;
  /** Planned; null when the list does not say. */
  readonly seconds: number | null;
}

export interface SceneList {
  readonly title: string;
  readonly scenes: readonly Scene[];
}

const bad = (message: string) => new UserError('bad-file', message, 'docs/presenting.md describes the format.');
const clip = (value: unknown) => String(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 40);

function known(object: Json, keys: readonly string[], where: string): void {
  const strange = Object.keys(object).find((key) => !keys.includes(key));
  if (strange !== undefined) throw bad(`${where} has “${clip(strange)}”, which is none of ${keys.join(', ')}.`);
}

function words(object: Json, key: string, most: number, where: string, needed: boolean): string {
  const value = object[key] ?? '';
  if (typeof value !== 'string') throw bad(`${where}: ${key} must be a text.`);
  if (needed && !value.trim()) throw bad(`${where} needs a ${key}.`);
  if (value.length > most) throw bad(`${where}: ${key} has ${value.length} characters; up to ${most} can be shown.`);
  return value;
}

function whole(object: Json, key: string, most: number, where: string): number | null {
  const value = object[key] ?? null;
  if (value === null) return null;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw bad(`${where}: ${key} must be a whole number from 1 to ${most}, not “${clip(value)}”.`);
}

function readScene(value: unknown, where: string): Scene {
  if (!isObject(value)) throw bad(`${where} must be an object.`);
  known(value, ['title', 'text', 'link', 'tour', 'spotlight', 'picture', 'seconds', 'notes'], where);
  const link = words(value, 'link', 4000, where, false).replace(/^.*#/s, '');
  const { state, complaints } = readAddress(link);
  if (complaints.length) throw bad(`${where}: its link cannot be taken as it stands: ${complaints[0]}.`);
  if (state.scenes || state.scene || state.kiosk || state.step) {
    throw bad(`${where}: its link must not lead to another talk, a booth or the tour; “tour” names a step.`);
  }
  const spot = value.spotlight ?? null;
  if (spot !== null && !(typeof spot === 'string' && Object.hasOwn(SPOTS, spot))) {
    throw bad(`${where}: spotlight must be one of ${Object.keys(SPOTS).join(', ')}, not “${clip(spot)}”.`);
  }
  const picture = value.picture ?? null;
  if (picture !== null && !PICTURES.some((each) => each === picture)) {
    throw bad(`${where}: picture must be one of ${PICTURES.join(', ')}, not “${clip(picture)}”.`);
  }
  const tour = whole(value, 'tour', TOUR.length, where);
  return {
    title: words(value, 'title', 120, where, true),
    text: words(value, 'text', 600, where, false),
    state,
    tour,
    spotlight: spot === null ? (tour === null ? null : TOUR[tour - 1].target) : SPOTS[spot as string],
    picture: picture as Picture | null,
    notes: words(value, 'notes', 4000, where, false),
    seconds: whole(value, 'seconds', 3600, where),
  };
}

/** @throws UserError with one sentence that names what is wrong, and where. */
export function parseScenes(text: string): SceneList {
  if (text.length > MOST_BYTES) throw bad(`This list of scenes is longer than ${MOST_BYTES / 1000} KB.`);
  let list: unknown;
  try {
    list = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw bad('This list of scenes is not JSON.');
  }
  if (!isObject(list)) throw bad('A list of scenes must be an object.');
  if (list[MARK] !== 1) throw bad(`A list of scenes must begin with "${MARK}": 1.`);
  known(list, [MARK, 'title', 'scenes'], 'The list');
  const { scenes } = list;
  if (!Array.isArray(scenes) || scenes.length < 1 || scenes.length > MOST_SCENES) {
    throw bad(`The list must have scenes, 1 to ${MOST_SCENES} of them.`);
  }
  return {
    title: words(list, 'title', 120, 'The list', true),
    scenes: scenes.map((scene, at) => readScene(scene, `Scene ${at + 1}`)),
  };
}

/** Whether a text means to be a list of scenes, right or wrong. */
export function isSceneList(text: string): boolean {
  return text.slice(0, 2000).includes(`"${MARK}"`);
}
