/** What the experts of a writer are asked for, in words: characters in the first layer, kinds of text in the last. */
import type { Rows } from './corpus.ts';
import { type Assignments, favouritesOf, informationOf } from './favourites.ts';

/** Held-out rows, and the experts of each in every layer with a router. */
export interface Assigned {
  readonly rows: Rows;
  readonly choices: readonly Uint8Array[];
  readonly experts: number;
  readonly k: number;
}

/** What one expert is asked for more than others: what it is, its share of the expert's assignments, and by chance. */
export interface Liking {
  readonly what: string;
  readonly share: number;
  readonly chance: number;
}

/** Of one layer, what its experts tell of the characters or kinds that they are asked for. */
export interface Likings {
  readonly of: 'characters' | 'kinds';
  /** Of each expert, the commonest first. */
  readonly experts: readonly (readonly Liking[])[];
  /** Mutual information, and what it is when labels are shuffled. */
  readonly bits: number;
  readonly chance: number;
}

/** Characters and kinds that are told of each expert. */
const MOST_LIKED = 6;

/** @param characters and kinds by their names. */
export function likingsOf(
  { rows, choices, experts, k }: Assigned,
  {
    characters,
    kinds,
  }: { readonly characters: readonly string[]; readonly kinds: readonly { readonly name: string }[] },
): Likings[] {
  const told = (
    of: Likings['of'],
    labels: ArrayLike<number>,
    names: readonly string[],
    chosen: Uint8Array,
  ): Likings => {
    const assignments: Assignments = { choices: chosen, experts, k, labels, count: names.length };
    return {
      of,
      experts: favouritesOf(assignments, MOST_LIKED).map((own) =>
        own.map(({ label, share, chance }) => ({ what: names[label], share, chance })),
      ),
      ...informationOf(assignments),
    };
  };
  const named = kinds.map(({ name }) => name);
  return [told('characters', rows.ids, characters, choices[0]), told('kinds', rows.kinds, named, choices.at(-1)!)];
}
