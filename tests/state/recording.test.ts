/** The recording is taken as any trace is; a damaged one is not taken. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readTrace } from '../../src/engine/parseTrace.ts';
import { pieceOf } from '../../src/engine/traceColumns.ts';
import { pieceOfRecording } from '../../src/state/text/recording.ts';

const text = readFileSync('public/recordings/default.json', 'utf8');

it('holds what the reader of traces finds in it', () => {
  const reading = readTrace(text);
  for (;;) {
    const { done, value } = reading.next();
    if (!done) continue;
    expect(pieceOfRecording(JSON.parse(text))).toEqual(pieceOf(value, 0, value.about.count));
    return;
  }
});

it('is not taken when an expert, a weight or a row is none', () => {
  for (const [key, wrong] of [
    ['expertIds', 99],
    ['gateWeights', 'x'],
    ['probabilities', 2],
  ] as const) {
    const damaged = JSON.parse(text);
    damaged[key][0][0][0] = wrong;
    expect(pieceOfRecording(damaged), key).toBeNull();
    damaged[key][0].pop();
    expect(pieceOfRecording(damaged), key).toBeNull();
  }
});
