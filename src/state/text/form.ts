/** The form as a request: what is wrong with it is said beside the field. */
import { isProblem, readPrompt, readSampling, type WriteRequest } from '../session/inputs.ts';
import type { PageStore } from '../session/page-store.ts';

/** What the form asks for; null when something in it is wrong, which then stands beside its field. */
export function readForm(page: Pick<PageStore, 'sampling' | 'prompt' | 'mark'>): WriteRequest | null {
  const wish = readSampling(page.sampling.get());
  if (isProblem(wish)) return page.mark(wish) ? null : wish;
  return page.mark(readPrompt(page.prompt.get())) ? null : wish;
}
