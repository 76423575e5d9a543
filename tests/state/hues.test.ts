/** Hues go to the busiest experts of a layer, and stay with them. */
import { describe, expect, it } from 'vitest';
import { TraceStore } from '../../src/state/text/trace-store.ts';
import { Hues } from '../../src/state/views/hues.ts';

/** A text of one layer whose tokens each take one expert. */
function textOf(experts: readonly number[]): { trace: TraceStore; write(more: readonly number[]): void } {
  const trace = new TraceStore();
  trace.clear({ layers: 1, experts: 16, expertsPerToken: 1 });
  const write = (more: readonly number[]) =>
    trace.append({
      ...{ position: trace.count, count: more.length, promptCount: 0, pending: '' },
      texts: more.map(String),
      ids: more,
      expertIds: more,
      gateWeights: more.map(() => 1),
      probabilities: null,
      candidates: [],
    });
  write(experts);
  return { trace, write };
}

const again = (list: readonly number[], times: number) => Array.from({ length: times }, () => list).flat();

describe('hues', () => {
  it('differ between the busiest experts, also where their numbers are eight apart', () => {
    const { trace } = textOf(again([3, 11, 3, 11, 5, 13, 9, 15], 2));
    const hues = new Hues(trace);
    const worn = [3, 11, 5, 13, 9, 15].map((expert) => hues.slot(0, expert));
    expect(Math.max(...worn)).toBeLessThan(8);
    expect(new Set(worn).size).toBe(6);
    // Nobody wears what another does.
    expect(new Set(Array.from({ length: 16 }, (_, expert) => hues.slot(0, expert))).size).toBe(16);
  });

  it('stay with whoever stays busy, and change only when the text has doubled', () => {
    const { trace, write } = textOf(again([3, 11], 8));
    const hues = new Hues(trace);
    const before = [hues.slot(0, 3), hues.slot(0, 11)];
    const stage = hues.stage();
    write(again([12], 15));
    expect(hues.stage()).toBe(stage);
    write([12]);
    expect(hues.stage()).not.toBe(stage);
    expect([hues.slot(0, 3), hues.slot(0, 11)]).toEqual(before);
    expect(hues.slot(0, 12)).toBeLessThan(8);
  });

  it('follow from the text alone, however it came', () => {
    const list = Array.from({ length: 100 }, (_, i) => (i * i + (i >> 4)) % 16);
    const whole = new Hues(textOf(list).trace);
    const { trace, write } = textOf([]);
    const piecewise = new Hues(trace);
    for (const expert of list) {
      write([expert]);
      piecewise.slot(0, 0);
    }
    const slots = (hues: Hues) => list.slice(0, 16).map((_, expert) => hues.slot(0, expert));
    expect(slots(piecewise)).toEqual(slots(whole));
  });
});
