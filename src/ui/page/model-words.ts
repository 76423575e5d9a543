/** What is known of the model of a recording. */
import type { ModelCard } from '../../engine/trace.ts';
import { say } from '../kit/more-words.ts';

export function modelWords({ parameters: { total, active }, by, licence, from }: ModelCard): string {
  const count = (parameters: number) =>
    parameters < 1e9 ? `${(parameters / 1e6).toFixed(1)}\u00a0M` : `${(parameters / 1e9).toFixed(1)}\u00a0B`;
  const what = [by && `by ${by}`, licence, from].filter(Boolean).join(', ');
  return say('recorded-model', { total: count(total), active: count(active), from: what && `: ${what}` });
}
