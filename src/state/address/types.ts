/** All of the page that a link carries. */
import type { Intervention } from '../../engine/interventions.ts';
import type { WriteRequest } from '../inputs.ts';
import { MEASURES } from '../measures/names.ts';
import type { Pace } from '../pace.ts';
import type { View } from '../view.ts';

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

export interface PageState {
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
  /** A list of scenes for a talk: its name, its path beside the page, or `yours`. */
  readonly scenes: string | null;
  /** The scene that stands there, from 1; 0 before the first. */
  readonly scene: number;
  /** A booth nobody watches over; `midi` asks for the knobs, too. */
  readonly kiosk: '1' | 'midi' | null;
  /** The race of "Train one", as it is set up; null where it is not open. */
  readonly train: string | null;
  /** Write at once, even where nothing else in the link asks for it. */
  readonly write: boolean;
}

/** What makes a stage of the page. */
export type Stage = Pick<PageState, 'scenes' | 'scene' | 'kiosk'>;
