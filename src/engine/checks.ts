/** What a caller may ask of an engine; one place, so that both engines refuse the same things with the same words. */
import type { ModelConfig } from '../model/types.ts';
import { RANGES, type RangeName, rangeProblem } from './ranges.ts';
import { type Sampling, UserError } from './types.ts';

/** Below this only equal logits would share a draw, and f32 cannot divide by it: it is 0. */
const LEAST_TEMPERATURE = 1e-6;

/** What both engines draw with. @throws UserError bad-input */
export function checkedSampling(sampling: Sampling): Sampling {
  for (const name of ['temperature', 'topK', 'topP', 'seed'] as const) check(name, sampling[name]);
  return sampling.temperature < LEAST_TEMPERATURE ? { ...sampling, temperature: 0 } : sampling;
}

/** @throws UserError bad-input */
export const checkLength = (tokens: number): void => check('length', tokens);

function check(name: RangeName, value: unknown): void {
  const problem = rangeProblem(RANGES[name], value);
  if (problem) throw new UserError('bad-input', problem, `Try ${RANGES[name].usual}.`);
}

/** Ids that can go in after `length` positions. @throws UserError bad-input, context */
export function checkIds(config: ModelConfig, length: number, ids: readonly number[]): void {
  if (ids.length === 0) throw new UserError('bad-input', 'The prompt is empty.', 'Write a few words to continue.');
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < config.vocabulary));
  if (wrong !== undefined) {
    throw new UserError('bad-input', `Token ${wrong} is not in this model’s vocabulary of ${config.vocabulary}.`);
  }
  if (length + ids.length > config.contextLength) {
    throw new UserError(
      'context',
      `That is ${length + ids.length} tokens; this model’s context holds ${config.contextLength}.`,
      'Shorten the prompt, or reset the text.',
    );
  }
}

/** @throws UserError bad-input for a dense model */
export function checkRouted({ experts }: ModelConfig): void {
  if (experts === 1) throw new UserError('bad-input', 'This model is dense: it has no router to look into.');
}
