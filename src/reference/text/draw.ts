/** Which characters a step learns from, and which one is written next; the same on CPU and GPU. */
import { hash } from '../hash.ts';

/** 32 bits for a place of a step. */
const mixed = (seed: number, step: number, place: number): number =>
  hash((hash((seed ^ Math.imul(step, 0x9e3779b9)) >>> 0) ^ place) >>> 0);

/**
 * Where text b of a step is taken from. Kinds take turns, and who begins changes from step to step, so that each has its
 * share though the texts of a step be no multiple of them.
 * @param lengths of each kind. @param context one more character than that is read.
 */
export function drawnText(
  seed: number,
  step: number,
  b: number,
  lengths: readonly number[],
  context: number,
): { kind: number; start: number } {
  const kind = (b + step) % lengths.length;
  return { kind, start: mixed(seed, step, b) % (lengths[kind] - context) };
}

/** The character that text b gets at place `length`, and how far the draw was from another one. @param logits of one row. */
export function drawnCharacter(
  logits: ArrayLike<number>,
  temperature: number,
  seed: number,
  b: number,
  length: number,
): { id: number; margin: number } {
  let best = 0;
  for (let v = 1; v < logits.length; v++) if (logits[v] > logits[best]) best = v;
  if (temperature === 0) return { id: best, margin: 1 };
  const mass = Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = mass.reduce((sum, each) => sum + each, 0);
  const goal = ((mixed(seed, length, b) >>> 8) / 2 ** 24) * total;
  let [sum, id, margin] = [0, -1, 1];
  for (let v = 0; v < logits.length; v++) {
    sum += mass[v];
    margin = Math.min(margin, Math.abs(sum - goal) / total);
    if (id < 0 && sum > goal) id = v;
  }
  return { id: id < 0 ? logits.length - 1 : id, margin };
}
