import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_EXPERT } from '../../src/engine/types.ts';
import { type Chunk, TraceStore } from '../../src/state/text/trace-store.ts';

const LAYERS = 3;
const EXPERTS = 6;

interface Token {
  /** [L][chosen] */
  readonly experts: readonly (readonly number[])[];
}

const layerOf = fc.uniqueArray(fc.nat(EXPERTS - 1), { minLength: 1, maxLength: EXPERTS });
const tokenOf = fc.record({ experts: fc.array(layerOf, { minLength: LAYERS, maxLength: LAYERS }) });

/** Consecutive tokens as one chunk whose slots are as many as its hungriest token needs. */
function chunkOf(position: number, tokens: readonly Token[]): Chunk {
  const slots = Math.max(2, ...tokens.flatMap(({ experts }) => experts.map((row) => row.length)));
  const padded = (row: readonly number[], fill: number) => Array.from({ length: slots }, (_, i) => row[i] ?? fill);
  return {
    position,
    count: tokens.length,
    promptCount: 0,
    texts: tokens.map((_, t) => `t${position + t}`),
    ids: tokens.map((_, t) => position + t),
    pending: '',
    slots,
    expertIds: tokens.flatMap(({ experts }) => experts.flatMap((row) => padded(row, NO_EXPERT))),
    gateWeights: tokens.flatMap(({ experts }) =>
      experts.flatMap((row) =>
        padded(
          row.map((e) => (e + 1) / 10),
          0,
        ),
      ),
    ),
    probabilities: tokens.flatMap((_, t) =>
      Array.from({ length: LAYERS * EXPERTS }, (_, i) => (position + t) * 100 + i),
    ),
    candidates: tokens.map(() => []),
  };
}

describe('the trace store', () => {
  it('has nobody chosen at places that it does not have', () => {
    const store = new TraceStore();
    store.clear({ layers: 2, experts: 4, expertsPerToken: 2 });
    for (const [position, layer] of [
      [0, 0],
      [5000, 1],
      [0, 7],
    ]) {
      expect(store.chosen(position, layer)).toBe(0);
      expect(store.gate(position, layer)).toBe(0);
      expect(store.router(position, layer)).toBeNull();
    }
  });

  it('gives back what went in, however the number of chosen experts changes on the way', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(tokenOf, { minLength: 1, maxLength: 90 }), { minLength: 1, maxLength: 4 }),
        (runs) => {
          const store = new TraceStore();
          store.clear({ layers: LAYERS, experts: EXPERTS, expertsPerToken: 2 });
          for (const run of runs) store.append(chunkOf(store.count, run));
          const tokens = runs.flat();
          expect(store.count).toBe(tokens.length);
          for (const [at, { experts }] of tokens.entries()) {
            for (const [layer, row] of experts.entries()) {
              expect(store.chosen(at, layer)).toBe(row.length);
              expect(Array.from({ length: EXPERTS + 2 }, (_, rank) => store.expert(at, layer, rank))).toEqual(
                Array.from({ length: EXPERTS + 2 }, (_, rank) => row[rank] ?? NO_EXPERT),
              );
              expect(store.gate(at, layer, row.length)).toBe(0);
              for (const [rank, expert] of row.entries()) {
                expect(store.gate(at, layer, rank)).toBeCloseTo((expert + 1) / 10, 6);
                expect(store.rankOf(at, layer, expert)).toBe(rank);
              }
              expect(store.router(at, layer)![1]).toBe(at * 100 + layer * EXPERTS + 1);
            }
          }
          for (let layer = 0; layer < LAYERS; layer++) {
            const used = tokens.map(({ experts }) => experts[layer]);
            const all = used.flat().length;
            for (let e = 0; e < EXPERTS; e++) {
              const n = used.filter((row) => row.includes(e)).length;
              expect(store.share(layer, e)).toBeCloseTo(n / all, 12);
              expect(store.share(layer, e, 'tokens')).toBeCloseTo(n / tokens.length, 12);
            }
            expect(store.chance(layer)).toBeCloseTo(1 / EXPERTS, 12);
            expect(store.chance(layer, 'tokens')).toBeCloseTo(all / tokens.length / EXPERTS, 12);
          }
        },
      ),
      { numRuns: 20, seed: 4 },
    );
  });

  it('passes over positions that it holds', () => {
    const store = new TraceStore();
    store.clear({ layers: LAYERS, experts: EXPERTS, expertsPerToken: 2 });
    const token = {
      experts: [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    };
    store.append(chunkOf(0, [token, token]));
    store.append(chunkOf(1, [token, token]));
    expect(store.count).toBe(3);
    expect(store.texts).toEqual(['t0', 't1', 't2']);
    expect(store.load.reduce((a, b) => a + b, 0)).toBe(3 * 6);
  });
});
