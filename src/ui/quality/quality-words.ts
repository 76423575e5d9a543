/** What was found about quality beside speed, in words that hold whichever way it came out. */
import { type Comparison, isBehind, mostTokens } from '../../state/saves/quality-points.ts';
import type { Quality, QualityPoint } from '../../worker/protocol.ts';
import { bits, million, percent, time } from '../kit/format.ts';
import { ROLES } from '../kit/kinds.ts';

export const nameOf = ({ model, k }: Pick<QualityPoint, 'model' | 'k'>): string =>
  k === null ? ROLES[model.role] : `${ROLES[model.role]}, k = ${k}`;

/** Whoever has seen too little says so wherever its loss stands. */
export const labelOf = (point: Pick<QualityPoint, 'model' | 'k' | 'tokensSeen'>, most: number): string =>
  `${nameOf(point)}${isBehind(point.tokensSeen, most) ? ', not comparable yet' : ''}`;

/** “4.0 % less”, of b against a. */
export function change(a: number, b: number): string {
  const share = a / b - 1;
  const words = percent(Math.abs(share), 1);
  return words === percent(0, 1) ? 'the same' : `${words} ${share < 0 ? 'less' : 'more'}`;
}

/** Loss and time of the MoE against one twin: baseline and batch in the same sentence. */
export function verdict({ k, against, loss, time: taken, timesOverlap }: Comparison): string {
  const size = against === 'dense-active' ? 'active' : 'total';
  const [mine, its] = [taken.moe.median, taken.twin.median];
  const took = timesOverlap
    ? `a token takes the MoE ${time(mine)}, within the spread of the twin’s ${time(its)}`
    : `a token takes the MoE ${time(mine)} and the twin ${time(its)} (${change(mine, its)} for the MoE)`;
  return (
    `With k = ${k} the MoE needs ${bits(loss.moe)} bits per byte, the dense model of the same ${size} size ${bits(loss.twin)} ` +
    `(${change(loss.moe, loss.twin)} for the MoE); writing one text, ${took}.`
  );
}

/** Which models have seen too little to be compared, each with how much of how much; null when none. */
export function notComparable(seen: readonly { readonly name: string; readonly tokensSeen: number }[]): string | null {
  const most = mostTokens(seen);
  const behind = seen.filter(({ tokensSeen }) => isBehind(tokensSeen, most));
  if (!behind.length) return null;
  const each = behind.map(
    ({ name, tokensSeen }) => `“${name}” has seen ${million(tokensSeen)} of ${million(most)} tokens`,
  );
  return `Not comparable yet: ${each.join('; ')}.`;
}

/** How the times were taken, and on what. */
export function method({ points, tokensPerSample, discarded }: Quality): string {
  const { info, time: taken } = points[0];
  if (!taken) return `Read on ${info.name}; no model has been timed yet.`;
  const again = discarded
    ? ` ${discarded} ${discarded === 1 ? 'sample was' : 'samples were'} thrown away and taken again because the tab was hidden.`
    : '';
  return (
    `Measured on ${info.name}: one text at a time, median of n = ${taken.samples} samples of ${tokensPerSample} tokens ± half the ` +
    `interquartile range, wall clock, the models taking turns.${again}`
  );
}

/** Points whose times cannot be trusted; null when all can. */
export function unsteady(points: readonly QualityPoint[]): string | null {
  const names = points.filter(({ time }) => time?.unsteady).map(nameOf);
  return names.length
    ? `Something else used the machine: times of ${names.join('; ')} spread by over 20\u00a0%. Measure again.`
    : null;
}
