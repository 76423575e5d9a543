import { describe, expect, it } from 'vitest';
import { TraceStore } from '../../src/state/text/trace-store.ts';
import { routerSteps } from '../../src/state/views/router-steps.ts';
import type { PositionInspection } from '../../src/worker/protocol.ts';

const shape = { layers: 2, experts: 5, expertsPerToken: 2 };
const softmax = [0.1, 0.4, 0.05, 0.3, 0.15];

/** One token whose second layer chose `ids` with `gates`. */
function oneToken(ids: readonly number[], gates: readonly number[], probabilities = true): TraceStore {
  const store = new TraceStore();
  store.clear(shape);
  store.append({
    position: 0,
    count: 1,
    promptCount: 0,
    texts: ['x'],
    ids: [1],
    pending: '',
    expertIds: [0, 1, ...ids],
    gateWeights: [0.5, 0.5, ...gates],
    probabilities: probabilities ? [...softmax, ...softmax] : null,
    candidates: [[]],
  });
  return store;
}

describe('the router’s steps', () => {
  it('are the chosen, the runners-up and the rest, with the lead between', () => {
    const steps = routerSteps(oneToken([1, 3], [0.4 / 0.7, 0.3 / 0.7]), 0, 1, null, 2);
    expect(steps.chosen.map(({ expert }) => expert)).toEqual([1, 3]);
    expect(steps.chosen[0].probability).toBeCloseTo(0.4, 6);
    expect(steps.chosen[0].weight).toBeCloseTo(4 / 7, 6);
    expect(steps.next.map(({ expert }) => expert)).toEqual([4, 0]);
    expect(steps.others!.count).toBe(1);
    expect(steps.others!.probability).toBeCloseTo(0.05, 6);
    expect(steps.margin).toBeCloseTo(0.15, 6);
    expect(steps.isTopK).toBe(true);
    expect(steps.rule).toBe('renormalised');
    expect(steps.sum).toBeNull();
    expect(steps.chosen[0].logit).toBeNull();
  });

  it('tell from the numbers whether a model renormalises, and when an intervention changed the choice', () => {
    expect(routerSteps(oneToken([1, 3], [0.4, 0.3]), 0, 1, null, 2).rule).toBe('as they are');
    const forced = routerSteps(oneToken([1, 2], [0.5, 0.5]), 0, 1, null, 2);
    expect(forced.rule).toBe('set from outside');
    expect(forced.isTopK).toBe(false);
  });

  it('say nothing of probabilities that were not recorded', () => {
    const steps = routerSteps(oneToken([1, 3], [0.6, 0.4], false), 0, 1, null, 2);
    expect(steps.chosen.map(({ probability }) => probability)).toEqual([null, null]);
    expect(steps).toMatchObject({ next: [], others: null, margin: null, rule: null, isTopK: true });
  });

  it('take logits, norms and sums from the layer that is asked for', () => {
    const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
    const inspection: PositionInspection = {
      position: 0,
      slots: 2,
      logits: Float32Array.from(range(0, 10)),
      biases: Float32Array.from([0, 0, 0, 0, 0, 0, 3, 0, 0, 0]),
      probabilities: Float32Array.from([...softmax, ...softmax]),
      expertIds: Uint16Array.from([0, 1, 1, 3]),
      gateWeights: Float32Array.from([0.5, 0.5, 0.6, 0.4]),
      outputNorms: Float32Array.from(range(20, 4)),
      sumNorms: Float32Array.from([30, 31]),
      residualNorms: Float32Array.from([40, 41]),
    };
    const steps = routerSteps(oneToken([1, 3], [0.6, 0.4]), 0, 1, inspection, 2);
    expect(steps.chosen.map(({ logit, norm }) => [logit, norm])).toEqual([
      [6, 22],
      [8, 23],
    ]);
    expect(steps.chosen.map(({ bias }) => bias)).toEqual([3, 0]);
    expect(steps.next.map(({ logit, norm }) => [logit, norm])).toEqual([
      [9, null],
      [5, null],
    ]);
    expect(steps.sum).toEqual({ norm: 31, residual: 41 });
  });
});
