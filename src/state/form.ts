/** The form as a request: what is wrong with it is said beside the field. */
import { isProblem, readPrompt, readSampling, type WriteRequest } from './inputs.ts';
import type { Session } from './session.ts';

/** What the form asks for; null when something in it is wrong, which then stands beside its field. */
export function readForm({
  sampling,
  prompt,
  problem,
}: Pick<Session, 'sampling' | 'prompt' | 'problem'>): WriteRequest | null {
  const wish = readSampling(sampling.get());
  const wrong = isProblem(wish) ? wish : readPrompt(prompt.get());
  problem.set(wrong);
  return wrong ? null : (wish as WriteRequest);
}
