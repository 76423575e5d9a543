/** Whatever was thrown, as one clear sentence with a way out. */
import type { Fault } from '../../worker/protocol.ts';

/** What a visitor can press when something failed. */
export type Way = 'write' | 'retry' | 'cpu' | 'other-model' | 'dismiss' | 'without';

export function asFault(thrown: unknown, fallback = 'Something went wrong.'): Fault {
  const fault = thrown as Partial<Fault> | null;
  if (fault && typeof fault === 'object' && typeof fault.message === 'string' && fault.message) {
    return {
      code: typeof fault.code === 'string' ? fault.code : 'unknown',
      message: fault.message,
      hint: fault.hint ?? '',
    };
  }
  return { code: 'unknown', message: typeof thrown === 'string' && thrown ? thrown : fallback, hint: '' };
}

export function isCancelled(thrown: unknown): boolean {
  const fault = asFault(thrown);
  return fault.code === 'cancelled' || (thrown as Error | null)?.name === 'AbortError';
}

/** The sentence, and the way out where there is one. */
export const inWords = ({ message, hint }: Fault): string => `${message} ${hint}`.trim();

/**
 * The buttons beside the sentence, by the code of what failed. A code that is not here is of an error nobody foresaw. What a
 * button would do must help: what is out of reach, or is so already, is left out by `possible`.
 */
export const WAYS = {
  network: ['retry', 'dismiss'],
  'bad-download': ['retry', 'dismiss'],
  cancelled: ['retry'],
  worker: ['retry'],
  'out-of-memory': ['cpu', 'other-model', 'retry'],
  'device-lost': ['cpu', 'retry'],
  'wrong-results': ['cpu', 'retry'],
  'no-adapter': ['cpu', 'retry'],
  'no-webgpu': ['retry', 'dismiss'],
  'bad-file': ['other-model', 'dismiss'],
  'unsupported-model': ['other-model', 'dismiss'],
  context: ['dismiss'],
  'bad-input': ['dismiss'],
  'no-clock': ['dismiss'],
  link: ['dismiss'],
  popup: ['dismiss'],
  ready: ['write'],
  'device-back': ['dismiss'],
  'experts-away': ['without', 'dismiss'],
  'experts-here': ['dismiss'],
  unexpected: ['retry', 'dismiss'],
  unknown: ['retry', 'dismiss'],
} as const satisfies Readonly<Record<string, readonly Way[]>>;

/** Where the page stands, as far as the ways out hang on it. */
export interface Standing {
  /** The CPU does the work, or would. */
  readonly onCpu: boolean;
  /** The default model is open, or is what could not be opened. */
  readonly onDefault: boolean;
}

const possible = (way: Way, { onCpu, onDefault }: Standing): boolean =>
  way === 'cpu' ? !onCpu : way === 'other-model' ? !onDefault : true;

export function waysOut(code: string, standing: Standing): readonly Way[] {
  const all: readonly Way[] = Object.hasOwn(WAYS, code) ? WAYS[code as keyof typeof WAYS] : WAYS.unknown;
  const ways = all.filter((way) => possible(way, standing));
  return ways.length > 0 ? ways : ['dismiss'];
}
