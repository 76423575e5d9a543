/** What parts of the page a link names. */
import { MEASURES } from '../measures/names.ts';

/** What can be taken off the page, for a lesson or an embedding. */
export const HIDEABLE = [
  'model',
  'theme',
  'share',
  'status',
  'transport',
  'presets',
  'prompt',
  'sampling',
  'tabs',
  'cost',
  'tour',
  'article',
] as const;
export type Hideable = (typeof HIDEABLE)[number];

/** What can be folded out: tables under pictures, and definitions. */
export const DISCLOSURES = [
  'wall',
  'layers',
  'measures',
  'coactivation',
  'effect',
  'runs',
  'curves',
  'touched',
  'cache',
  'moved',
  'flips',
  'decodeTime',
  'decodeRead',
  'prefillTime',
  'prefillRead',
  'roofline',
  'lossTime',
  'lossFlops',
  'steadiness',
  'formulas',
  'pairs',
  ...MEASURES,
] as const;
export type Disclosure = (typeof DISCLOSURES)[number];

export const THEMES = ['light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const TOUR_STEPS = 10;

/** What makes a stage of the page. */
export interface Stage {
  /** A list of scenes for a talk: its name, its path beside the page, or `yours`. */
  readonly scenes: string | null;
  /** The scene that stands there, from 1; 0 before the first. */
  readonly scene: number;
  /** A booth nobody watches over; `midi` asks for the knobs, too. */
  readonly kiosk: '1' | 'midi' | null;
}
