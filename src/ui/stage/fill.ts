import type { Facts } from '../tour-texts.ts';

/** The words of a scene with the figures of the model on the screen: `{layers}`, `{experts}`, `{perToken}`. */
export function fill(words: string, facts: Pick<Facts, 'layers' | 'experts' | 'perToken'>): string {
  return words.replace(/\{(layers|experts|perToken)\}/g, (_, key: 'layers' | 'experts' | 'perToken') =>
    String(facts[key]),
  );
}
