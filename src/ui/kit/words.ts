/**
 * The words of what an element shows before anything is opened, as one table that a host page can replace, word by word, in any
 * language. docs/embedding.md lists it. Here stand those of the first paint (badge, text, wall, buttons); those of what comes after it
 * are in more-words.ts.
 */
import { signal } from '../../state/session/signals.ts';

const FIRST = {
  'badge-none': 'nothing yet',
  'badge-recorded': 'recorded',
  'badge-imported': 'imported: {name}',
  'badge-stopped': 'stopped',
  'badge-cpu': 'live (CPU)',
  'badge-live': 'live (WebGPU, {name})',
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
  speed: '{count}, {speed}\u00a0tokens/s',
  held: '{count}, held at {speed}\u00a0tokens/s or below',
  tokens: 'tokens',
  of: '{count} of {all}',
  'not-lit': 'No expert is lit yet',
  'for-each': 'for each token',
  'for-token': 'for {token}',
  lit: '{count} experts',
  'of-weights': '{share} of the weights: {count}',
  'dense-lit': 'All of the weights',
  'dense-weights': 'for every token. A dense model has no experts to choose from.',
  assignments: 'assignments',
  'switched-off': 'switched off',
  intervene: 'Intervene',
  'the-text': 'The text. Arrow keys go from token to token; each tells its experts in layer {layer}.',
  'tint-words': 'Tint and number: top expert in layer {layer}',
  'line-words': 'Underline: lead over the first left out, {least} to {most}',
  'show-signs': 'show spaces and line breaks',
  'hide-signs': 'hide spaces and line breaks',
  handover: 'The model is here. From now on, this machine writes.',
  'text-here': 'The text',
  'the-experts': 'The experts',
  thousand: '{count}\u00a0thousand',
  million: '{count}\u00a0million',
  billion: '{count}\u00a0billion',
  trillion: '{count}\u00a0trillion',
  'layer-named': 'Layer {layer}',
  token: 'token',
  asking: 'Asking the engine.',
  'layer-of-tint': 'Layer that tints the text',
  layer: 'layer',
  'wall-shape': '{layers} layers of {experts} experts; the table below says the same',
  'wall-keys': 'Arrow keys move, Enter pins, Delete switches off and on',
  'got-share': 'got {share} from the router for this token; chance is {chance}',
  'took-share': 'took {share} of the {what} so far; chance is {chance}',
  'took-lately': 'took {share} of the {what} in the last {count} tokens; chance is {chance}',
  'wall-cell': 'Layer {layer}, expert {expert}{off}: {share}.',
  'expert-in-layer': 'Expert {expert} in layer {layer}',
  'is-off': ' is switched off;',
  'used-once': '{count} of {all} experts used at least once so far. Pick a cell to pin its expert.',
  'said-token': '{text}, layer {layer}: {experts}',
  'said-expert': 'expert {expert} {share}',
} as const;

export type FirstWord = keyof typeof FIRST;

/** All that are here so far. */
export const english: Record<string, string> = { ...FIRST };
const replaced = signal<Readonly<Record<string, string>>>({});

/** Words in place of those, by the same names. */
export const replace = (words: Readonly<Record<string, string>>): void => replaced.set(words);

/** One of them, with `{name}` filled in. */
export const say = (word: FirstWord, values: Readonly<Record<string, string | number>> = {}): string =>
  parts(word, values).join('');

/** The same for a template: what is filled in may be one, and stands where the language wants it. */
export function parts<T>(word: FirstWord, values: Readonly<Record<string, T>>): (T | string)[] {
  const words = replaced.get()[word] ?? english[word];
  return words
    .split(/\{(\w+)\}/)
    .map((part, i) => (i % 2 === 0 ? part : Object.hasOwn(values, part) ? values[part] : `{${part}}`));
}
