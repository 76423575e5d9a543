/** The tour as states of the page: what each step sets, and what it speaks of. Its words are in ui/tour-texts.ts. */
import type { PageState } from '../address/keys.ts';
import type { PageStore } from '../session/page-store.ts';

/** The part of the page a step points at: an element by its tag, or the panel under the tabs. */
export type Target = 'moe-text' | 'expert-wall' | 'panel' | 'cost-strip' | 'intervention-list';

export interface TourStep {
  readonly target: Target;
  /** What differs from the page as the visitor had it. */
  readonly set: (page: PageStore) => Partial<PageState>;
}

/** A word well inside the written part of any text; pinned as soon as it is there. */
const TOKEN = 40;

const plain = { interventions: [], token: null, experts: [], view: 'wall', scope: 'all', hide: [] } as const;

/** An expert of the last layer that has much to do: the one with most slots of the text that stands there. */
function busy({ trace, interventions }: PageStore) {
  // While something is switched off the counts say little; then, and before there is a text, any expert will do.
  if (trace.count < TOKEN || interventions.get().length) return { layer: 5, expert: 11 };
  const last = trace.shape.layers - 1;
  return { layer: last, expert: trace.busiest(last) };
}

export const TOUR: readonly TourStep[] = [
  { target: 'moe-text', set: () => plain },
  { target: 'expert-wall', set: () => plain },
  { target: 'panel', set: () => ({ ...plain, view: 'next', token: TOKEN }) },
  { target: 'panel', set: () => ({ ...plain, view: 'router', token: TOKEN }) },
  {
    target: 'intervention-list',
    set: (session) => ({ ...plain, interventions: [{ kind: 'off', ...busy(session) }] }),
  },
  { target: 'panel', set: () => ({ ...plain, view: 'measures' }) },
  { target: 'panel', set: (session) => ({ ...plain, view: 'expert', experts: [busy(session)] }) },
  { target: 'cost-strip', set: () => plain },
  { target: 'expert-wall', set: () => plain },
  { target: 'cost-strip', set: () => plain },
];
