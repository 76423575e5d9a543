/** What the page knows of the text that stands there: how it was drawn, how much of it, and where it pauses. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/state/session/session.ts';
import { signal } from '../../src/state/session/signals.ts';
import { Begun, written } from '../../src/state/text/begun.ts';
import { TraceStore } from '../../src/state/text/trace-store.ts';
import type { RunEnd } from '../../src/worker/protocol.ts';

const sampling = { temperature: 1, topK: 40, topP: 0.95, seed: 3 };
const wish = { sampling, length: 240 };
const end = (reason: RunEnd['reason']): RunEnd => ({
  ...{ reason, generated: 0, decodeMilliseconds: 0, prefillMilliseconds: 0, promptTokens: 0 },
});

/** Two tokens of a prompt and `after` more; `pending` was drawn last. */
function page(after: number, pending: string, { kind = 'live', phase = 'going', reason = 'length' } = {}): Session {
  const trace = new TraceStore();
  trace.clear({ layers: 1, experts: 2, expertsPerToken: 1 });
  const count = 2 + after;
  const drawn = [{ text: 'x', probability: 1, drawn: true }];
  trace.append({
    ...{ position: 0, count, promptCount: 2, pending, probabilities: null, expertIds: Array(count).fill(0) },
    ...{ texts: Array(count).fill('a'), ids: Array(count).fill(1), gateWeights: Array(count).fill(1) },
    candidates: Array.from({ length: count }, (_, t) => (t === 0 ? [] : drawn)),
  });
  const known = { source: signal({ kind }), phase: signal(phase), end: signal(end(reason as RunEnd['reason'])) };
  return { trace, ...known } as unknown as Session;
}

describe('the number of written tokens', () => {
  it('counts the one drawn last, which has not run, even where it shows nothing yet', () => {
    expect(written(page(0, ' one'))).toBe(1);
    expect(written(page(5, ' six'))).toBe(6);
    expect(written(page(5, ''))).toBe(6);
  });

  it('counts no end of the text, and no more than a file has', () => {
    expect(written(page(5, '', { phase: 'ended', reason: 'eos' }))).toBe(5);
    expect(written(page(5, '', { kind: 'recorded', phase: 'ended' }))).toBe(5);
    expect(written(page(5, ' a', { kind: 'recorded' }))).toBe(6);
  });
});

describe('a text', () => {
  it('keeps how it was drawn, whatever the form says since, and forgets it when it goes on otherwise', () => {
    const begun = new Begun();
    begun.text('The fox', wish);
    expect(begun.sampling).toEqual(sampling);
    expect(begun.isOf('The fox', { ...sampling })).toBe(true);
    expect(begun.isOf('The fox', { ...sampling, seed: 4 })).toBe(false);
    begun.goesOn({ sampling: { ...sampling }, length: 9 });
    expect(begun.sampling).toEqual(sampling);
    begun.goesOn({ sampling: { ...sampling, temperature: 0 }, length: 9 });
    expect(begun.sampling).toBeNull();
    expect(begun.isOf('The fox', sampling)).toBe(false);
  });

  it('pauses once where a link says, and only if it has not ended before', () => {
    const begun = new Begun();
    begun.linked = 33;
    expect(begun.wanted(wish)).toBe(33);
    begun.text('The fox', wish);
    expect(begun.pauses(end('length'), wish)).toBe(207);
    expect(begun.pauses(end('length'), wish)).toBeNull();
    expect(begun.wanted(wish)).toBe(240);
    begun.linked = 33;
    begun.text('The fox', wish);
    expect(begun.pauses(end('eos'), wish)).toBeNull();
  });
});
