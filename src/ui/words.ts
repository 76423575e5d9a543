/**
 * The words of what is always in sight (badge, text, buttons, form, loading), as one table that a host page can replace, word
 * by word, in any language. docs/embedding.md lists it.
 */
import { signal } from '../state/signals.ts';

const ENGLISH = {
  'badge-none': 'nothing yet',
  'badge-recorded': 'recorded',
  'badge-imported': 'imported: {name}',
  'badge-stopped': 'stopped',
  'badge-cpu': 'live (CPU)',
  'badge-live': 'live (WebGPU, {name})',
  'start-model': 'Start the model',
  'start-recording': 'Play the recording',
  write: 'Write',
  pause: 'Pause',
  'go-on': 'Go on',
  play: 'Play',
  'play-again': 'Play again',
  'one-token': 'One token',
  stop: 'Stop',
  reset: 'Reset',
  pace: 'Pace',
  slow: 'slow',
  reading: 'reading pace',
  full: 'full speed',
  written: '{prompt} prompt tokens, {tokens} written',
  recorded: '{prompt} prompt tokens, {tokens} recorded',
  speed: '{count}, {speed} tokens/s',
  held: '{count}, held at {speed} tokens/s or below',
  prompt: 'Prompt',
  'write-this': 'Write this',
  temperature: 'temperature',
  'top-k': 'top-k',
  'top-p': 'top-p',
  seed: 'seed',
  tokens: 'tokens',
  'write-live': 'Write live',
  'try-again': 'Try again',
  'use-cpu': 'Use the CPU',
  'open-default': 'Open the default model',
  understood: 'Understood',
  cancel: 'Cancel',
  'looking-for-gpu': 'Looking for a GPU',
  'checking-kernels': 'Checking the kernels on this GPU',
  loading: 'Loading {title}',
  handing: 'Handing {title} to the engine',
  compiling: 'Compiling the kernels',
  'then-written': '; then your prompt is written',
  'time-left': ', about {time} left',
} as const;

export type Word = keyof typeof ENGLISH;
export type Words = Readonly<Partial<Record<Word, string>>>;

const MOST = 200;
const replaced = signal<Words>({});

/** The words in another language; what is no word of the table is passed over, what is missing stays English. Gives back what is in force. */
export function replaceWords(table: Words): Readonly<Record<Word, string>> {
  const entries = Object.entries(typeof table === 'object' && table !== null ? table : {});
  const known = entries.filter(
    ([key, words]) => Object.hasOwn(ENGLISH, key) && typeof words === 'string' && words.length <= MOST,
  );
  replaced.set(Object.fromEntries(known));
  return { ...ENGLISH, ...replaced.get() };
}

/** One of them, with `{name}` filled in. */
export function say(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  const words = replaced.get()[word] ?? ENGLISH[word];
  return words.replace(/\{(\w+)\}/g, (gap, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : gap));
}
