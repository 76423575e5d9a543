/** Whether the held-out text that lies beside the page can be read: it is ids of the tokenizer of the models there, noise to any other. */
import type { PageStore } from '../session/page-store.ts';

export const NO_HELDOUT =
  'This is measured on held-out text in the tokens of the models that come with the page. Open one of those.';

/** The open model comes with the page. */
export function readsHeldout({ engine }: Pick<PageStore, 'engine'>): boolean {
  const now = engine.get();
  return now.phase === 'ready' && now.entry !== null;
}
