/** What a session is in, as plain data. */

import type { ModelCard } from '../../engine/trace.ts';
import type { EngineInfo, Sampling } from '../../engine/types.ts';
import type { Fault, ModelEntry, Opened, Progress } from '../../worker/protocol.ts';
import type { Address } from '../address/place.ts';
import type { Appearance } from '../page/theme.ts';
import type { Way } from './faults.ts';
import type { Readable } from './signals.ts';

/** Where the text on the screen comes from: the badge says this and nothing else. */
export type Source =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'recorded';
      readonly model: string;
      readonly device: EngineInfo;
      readonly created: string;
      readonly architecture: string;
      readonly sampling: Sampling | null;
      readonly card: ModelCard | null;
    }
  | {
      readonly kind: 'imported';
      readonly name: string;
      readonly model: string;
      readonly device: EngineInfo;
      readonly created: string;
      readonly file: Blob;
      /** Of a recording; null of a trace. */
      readonly card: ModelCard | null;
    }
  | {
      readonly kind: 'live';
      readonly info: EngineInfo;
      /** The engine that wrote it is gone. */
      readonly stopped?: boolean;
    };

export type EngineState =
  | { readonly phase: 'waiting' }
  | {
      readonly phase: 'loading';
      readonly title: string;
      readonly bytes: number;
      /** A signal of its own: most of the page does not change with it. */
      readonly progress: Readable<Progress | null>;
      readonly entry: ModelEntry | null;
      readonly url: string | null;
    }
  | {
      readonly phase: 'ready';
      readonly opened: Opened;
      readonly entry: ModelEntry | null;
      readonly title: string;
      /** Where it was fetched from, when it is none of the list. */
      readonly url: string | null;
    }
  | { readonly phase: 'failed'; readonly fault: Fault };

/** rest: nothing begun; ended: a run came to its own end or was stopped. */
export type Phase = 'rest' | 'going' | 'paused' | 'ended';

export interface Notice {
  readonly tone: 'fault' | 'news';
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly ways: readonly Way[];
}

/** What a session finds around it. */
export interface Place {
  readonly address: Address;
  readonly appearance: Appearance;
  /** recorded: no model is fetched. */
  readonly device: 'auto' | 'cpu' | 'recorded';
  /** The address of the recording that is played; null for the one that lies beside the page. */
  readonly recording?: string | null;
  /** There is one column, where one view is shown at a time. */
  readonly narrow: { get(): boolean };
  /** Somebody else's page: no text follows another by itself. */
  readonly guest: boolean;
  /** What the block costs is shown, so it is timed when nobody writes. */
  readonly measures: boolean;
}
