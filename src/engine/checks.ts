/** What a caller may ask of an engine; one place, so that both engines refuse the same things with the same words. */
import type { ModelConfig } from '../model/types.ts';
import { type Sampling, UserError } from './types.ts';

/** @throws UserError bad-input */
export function checkSampling({ temperature, topK, topP, seed }: Sampling): void {
  if (!(temperature >= 0 && temperature <= 100)) {
    throw new UserError('bad-input', `The temperature must be a number from 0 to 100, not ${temperature}.`, 'Try 0.8.');
  }
  if (!(Number.isInteger(topK) && topK >= 0)) {
    throw new UserError('bad-input', `Top-k must be a whole number from 0 (keep all) up, not ${topK}.`, 'Try 40.');
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new UserError('bad-input', `Top-p must be over 0 and at most 1, not ${topP}.`, 'Try 0.95.');
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
    throw new UserError('bad-input', `The seed must be a whole number from 0 to 4294967295, not ${seed}.`, 'Try 1.');
  }
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
