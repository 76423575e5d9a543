/** What was found when several models wrote from one prompt, in words that hold whichever way it came out. */
import type { Abreast } from '../../state/abreast/abreast.ts';
import { isBehind, mostTokens } from '../../state/saves/quality-points.ts';
import type { AbreastLane, ModelEntry } from '../../worker/protocol.ts';
import { bits, million, plusMinus, time } from '../kit/format.ts';
import { times } from '../meter/saved.ts';
import { change } from '../quality/quality-words.ts';

const perToken = ({ time: taken }: AbreastLane): string =>
  taken ? `${time(taken.median)} ${plusMinus(taken.median, taken.spread)}` : 'an unknown time';

/** “4.6 times less time”, of a against b. */
function ratio(a: number, b: number, what: string): string {
  const more = Math.max(a, b) / Math.min(a, b);
  if (more < 1.05) return `about as ${what === 'time' ? 'much time' : 'many multiply-adds'}`;
  return `${times(more)} times ${what === 'time' ? (a < b ? 'less time' : 'as much time') : a < b ? 'fewer multiply-adds' : 'as many multiply-adds'}`;
}

/** The MoE beside each twin; none before all have been timed. */
export function verdicts(lanes: readonly AbreastLane[]): string[] {
  const of = (role: ModelEntry['role']) => lanes.find(({ model, time }) => model.role === role && time);
  const [moe, work, size] = [of('moe'), of('dense-active'), of('dense-total')];
  if (!moe) return [];
  const each = (lane: AbreastLane) => lane.multiplyAdds / lane.tokens;
  const said: string[] = [];
  if (size)
    said.push(
      `Writing one text, a token takes the MoE ${perToken(moe)}, and the dense model of its size ${perToken(size)}: ` +
        `${ratio(moe.time!.median, size.time!.median, 'time')} (measured), with ${ratio(each(moe), each(size), 'sums')} (computed).`,
    );
  if (work) {
    const apart = Math.abs(moe.time!.median - work.time!.median);
    const within = apart <= moe.time!.spread + work.time!.spread;
    const took = within ? 'within the spread of the MoE’s' : change(work.time!.median, moe.time!.median);
    said.push(`The dense model of the same work takes ${perToken(work)} (${took}).${loss(moe, work)}`);
  }
  return said;
}

/** Only of models that have seen as much. */
function loss(moe: AbreastLane, twin: AbreastLane): string {
  const [mine, its] = [moe.heldout?.bitsPerByte, twin.heldout?.bitsPerByte];
  if (!moe.heldout || !mine || !its || isBehind(Math.min(moe.tokensSeen, twin.tokensSeen), mostTokens([moe, twin])))
    return '';
  return ` For a byte of the ${moe.heldout.tokens} tokens read here the MoE needs ${bits(mine)} bits and that model ${bits(its)} (${change(mine, its)} for the MoE).`;
}

/** null where the model has seen as much as any. */
export function behindWords(tokensSeen: number, most: number): string | null {
  if (!isBehind(tokensSeen, most)) return null;
  return `Trained on only ${million(tokensSeen)} of ${million(most)} tokens: compare its time, not its text or its bits.`;
}

/** How all of it was taken, and on what. */
export function method({ lanes, seed, temperature, browser, date }: Abreast): string {
  const { info, heldout, tokens } = lanes[0];
  const read = heldout
    ? ` Read here: the same ${heldout.tokens} tokens of held-out text for all, the first of each kind, between the turns with the clocks stopped; the cards’ numbers are of more of it, a mean over its kinds.`
    : '';
  return (
    `Measured on ${info.name}, ${browser}, ${date.slice(0, 10)}: each model’s own turns by the wall clock, n = ${tokens} tokens, the prompt ` +
    `not counted; a time per token is the median of the turns ± half the interquartile range. Seed ${seed} and temperature ${temperature} ` +
    `for all.${read} Multiply-adds are computed: one for each weight that a token uses.`
  );
}
