/** Texts for the views: random or regular routing, as a TraceStore and as plain rows for an oracle to count. */
import { NO_EXPERT } from '../../src/engine/types.ts';
import { type Shape, TraceStore } from '../../src/state/text/trace-store.ts';

export interface Token {
  readonly id: number;
  readonly predicted: string | null;
  /** [L][chosen], most probable first. */
  readonly experts: readonly (readonly number[])[];
  /** [L][E] */
  readonly probabilities: readonly (readonly number[])[];
}

/** A small generator with a seed (mulberry32), in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Softmax of random logits, top-k of it. `sharpness` 0 makes every expert equally likely to be taken. */
export function randomToken(shape: Shape, random: () => number, words = 12, sharpness = 3): Token {
  const probabilities = Array.from({ length: shape.layers }, () => {
    const raw = Array.from({ length: shape.experts }, () => Math.exp(sharpness * random()) + random() * 1e-6);
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map((x) => Math.fround(x / sum));
  });
  const experts = probabilities.map((row) =>
    row
      .map((_, e) => e)
      .sort((a, b) => row[b] - row[a])
      .slice(0, shape.expertsPerToken),
  );
  const id = Math.floor(random() * words);
  const predicted = random() < 0.8 ? `w${Math.floor(random() * words)}` : null;
  return { id, predicted, experts, probabilities };
}

/** `chosen` may differ from token to token and from layer to layer. */
export function storeOf(shape: Shape, tokens: readonly Token[]): TraceStore {
  const store = new TraceStore();
  store.clear(shape);
  const slots = Math.max(shape.expertsPerToken, ...tokens.flatMap(({ experts }) => experts.map((row) => row.length)));
  const padded = (row: readonly number[], fill: number) => Array.from({ length: slots }, (_, i) => row[i] ?? fill);
  store.append({
    position: 0,
    count: tokens.length,
    promptCount: 0,
    texts: tokens.map(({ id }) => ` w${id}`),
    ids: tokens.map(({ id }) => id),
    pending: '',
    slots,
    expertIds: tokens.flatMap(({ experts }) => experts.flatMap((row) => padded(row, NO_EXPERT))),
    gateWeights: tokens.flatMap(({ experts }) =>
      experts.flatMap((row) =>
        padded(
          row.map(() => 1 / row.length),
          0,
        ),
      ),
    ),
    probabilities: tokens.flatMap(({ probabilities }) => probabilities.flat()),
    candidates: tokens.map(({ predicted }) =>
      predicted === null ? [] : [{ text: predicted, probability: 0.5, drawn: true }],
    ),
  });
  return store;
}
