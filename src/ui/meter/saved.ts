/** What the text so far has cost beside dense models, from the shape and the experts that were really used. */
import { type TextCost, textCost } from '../../compare/textCost.ts';
import type { Session } from '../../state/session/session.ts';
import { say } from '../kit/more-words.ts';

/** null where the model's weights are not known: a trace does not say. */
export function costOf(session: Session): TextCost | null {
  session.trace.version.get();
  const parameters = session.parameters.get();
  const shape = session.shape.get();
  if (!parameters || !shape.experts) return null;
  return textCost({ parameters, ...shape }, session.trace.count, session.trace.assignments());
}

/** A ratio as it is said: “4.6 times”; near one it says so. */
export const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0));

/** Beside a dense model of the same size. Before there is a text, as a token costs by the model's own k. */
export function savedWords(session: Session, cost: TextCost): string {
  const { active, total } = session.parameters.get()!;
  const ratio = cost.moe ? cost['same-total'] / cost.moe : total / active;
  return ratio > 1.05 ? say('times-fewer', { ratio: times(ratio) }) : say('as-many');
}
