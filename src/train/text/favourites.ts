/** What each expert is asked for: characters or kinds of text, beside chance. Plain counts over rows that were read. */
import { random } from '../../reference/random.ts';

/** Of one layer: the experts of every row, [rows · k], and what each row is. */
export interface Assignments {
  readonly choices: ArrayLike<number>;
  readonly experts: number;
  readonly k: number;
  /** [rows], each below `count`. */
  readonly labels: ArrayLike<number>;
  readonly count: number;
}

export interface Favourite {
  readonly label: number;
  /** Of the expert's assignments. */
  readonly share: number;
  /** Of all rows: the share that it would have if experts were asked blindly. */
  readonly chance: number;
}

/** Assignments by expert and label, [E][labels]. */
function countsOf({ choices, experts, k, labels, count }: Assignments): number[][] {
  const counts = Array.from({ length: experts }, () => new Array<number>(count).fill(0));
  for (let slot = 0; slot < choices.length; slot++) counts[choices[slot]][labels[Math.floor(slot / k)]]++;
  return counts;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Of each expert its labels, the commonest first; none for an expert that nobody asks. @param most so many at most. */
export function favouritesOf(assignments: Assignments, most: number): Favourite[][] {
  const counts = countsOf(assignments);
  const all = sum(counts.map(sum));
  const chances = Array.from({ length: assignments.count }, (_, label) => sum(counts.map((own) => own[label])) / all);
  return counts.map((own) => {
    const load = sum(own);
    const asked = own
      .map((n, label) => ({ label, share: n / load, chance: chances[label] }))
      .filter(({ share }) => share > 0);
    return asked.sort((a, b) => b.share - a.share || a.label - b.label).slice(0, most);
  });
}

/** How much an assignment's expert tells of its row's label, in bits; and how much it would seem to if labels were shuffled. */
export function informationOf(assignments: Assignments): { bits: number; chance: number } {
  const labels = Array.from(assignments.labels);
  const next = random(1);
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * next());
    [labels[i], labels[j]] = [labels[j], labels[i]];
  }
  return { bits: mutualBits(countsOf(assignments)), chance: mutualBits(countsOf({ ...assignments, labels })) };
}

/** Σ p(e, l) · log2(p(e, l) / (p(e) · p(l))). */
function mutualBits(counts: readonly (readonly number[])[]): number {
  const loads = counts.map((own) => sum(own));
  const all = sum(loads);
  const labels = counts[0].map((_, label) => sum(counts.map((own) => own[label])));
  let bits = 0;
  for (const [expert, own] of counts.entries())
    for (const [label, n] of own.entries())
      if (n > 0) bits += (n / all) * Math.log2((n * all) / (loads[expert] * labels[label]));
  return bits;
}
