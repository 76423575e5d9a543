/** Presets that set the whole page, each half a sentence (of the table of words) and a link. */
import type { PageState } from '../address/keys.ts';
import { add } from '../interventions/interventions.ts';
import type { Session } from '../session/session.ts';

export interface Experiment {
  readonly id: 'knock-out' | 'all-on' | 'random' | 'side-by-side';
  /** What its words speak of. */
  readonly values?: Readonly<Record<string, number>>;
  readonly changes: Partial<PageState>;
  /** On a live text it takes hold at once, and the text goes on; elsewhere the link writes the text anew. */
  readonly inTheMiddle?: boolean;
}

/** What can be tried with the text and the layer on the screen. */
export function experiments(session: Session): Experiment[] {
  const { trace } = session;
  const { experts } = trace.shape;
  const layer = session.layer.get();
  const busiest = { kind: 'off', layer, expert: trace.busiest(layer) } as const;
  const now = session.interventions.get();
  return [
    {
      id: 'knock-out',
      values: { layer },
      changes: { interventions: add(now, busiest) },
      inTheMiddle: true,
    },
    {
      id: 'all-on',
      values: { experts },
      changes: { interventions: [{ kind: 'k', layer: null, k: experts }] },
    },
    {
      id: 'random',
      changes: { interventions: [{ kind: 'route', layer: null, rule: 'random', seed: 1 }] },
    },
    {
      id: 'side-by-side',
      changes: { interventions: now.length ? now : [busiest], view: 'runs', other: null },
    },
  ];
}

/** Whether there is a text that an experiment can take hold of. */
export function canTryInTheMiddle(session: Session, { inTheMiddle }: Experiment): boolean {
  return inTheMiddle === true && session.source.get().kind === 'live' && session.trace.generated() > 0;
}

export async function tryInTheMiddle(session: Session, { changes }: Experiment): Promise<void> {
  if (await session.setInterventions(changes.interventions ?? [])) session.writing.keepWriting();
}
