/** What the shape of the model alone says, before anything is measured. */
import { percent } from '../kit/format.ts';
import type { Bar } from './rows.ts';
import { tokensPerStep } from './words.ts';

/** One sentence: what this MoE computes, reads and holds beside a dense block of the same total size. */
export function computedVerdict(rows: readonly Bar[], tokens: number): string {
  const moe = rows.find(({ kind }) => kind === 'moe');
  const dense = rows.find(({ kind }) => kind === 'same-total');
  if (!moe || !dense) return '';
  const fewer = (dense.flops / moe.flops).toFixed(1);
  const read = moe.read / dense.read;
  const reading = read < 0.995 ? `reads ${percent(read)} of its weights` : 'reads all of its weights';
  return `With ${tokensPerStep(tokens)} a block of this MoE takes ${fewer} times fewer FLOPs than a dense one of the same total size and ${reading}. It holds as many. Computed; the times are measured below.`;
}
