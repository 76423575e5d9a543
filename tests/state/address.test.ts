/** Links: every state survives being written and read, and no fragment, however hostile, breaks the page. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../src/engine/interventions.ts';
import { DEFAULT_STATE, readAddress, writeAddress } from '../../src/state/address/address.ts';
import { complaint, fitToShape } from '../../src/state/address/fit.ts';
import { MOST_LISTED } from '../../src/state/address/interventions.ts';
import type { PageState } from '../../src/state/address/keys.ts';
import { MOST_PROMPT, MOST_SCENES } from '../../src/state/address/keys.ts';
import { DISCLOSURES, HIDEABLE, THEMES, TOUR_STEPS } from '../../src/state/address/types.ts';
import { readTraining, writeTraining } from '../../src/state/training/link.ts';
import { VIEWS } from '../../src/state/views/view.ts';
import { BALANCES, CHOSEN, DEFAULT_RACE, EXPERTS, RATES, ROUTERS, TASKS, WIDTHS } from '../../src/train/race.ts';
import { growth, LINEAR } from '../growth.ts';

const layer = fc.nat(0xffff);
const seed = fc.integer({ min: 0, max: 0xffffffff });
const amount = fc.double({ min: -20, max: 20, noNaN: true }).map((x) => x + 0);
const intervention: fc.Arbitrary<Intervention> = fc.oneof(
  fc.record({ kind: fc.constant('off' as const), layer, expert: layer }),
  fc.record({ kind: fc.constant('force' as const), layer, expert: layer }),
  fc.record({ kind: fc.constant('bias' as const), layer, expert: layer, amount }),
  fc.record({ kind: fc.constant('k' as const), layer: fc.option(layer), k: fc.integer({ min: 1, max: 0xffff }) }),
  fc.record({
    kind: fc.constant('route' as const),
    layer: fc.option(layer),
    rule: fc.constantFrom('uniform' as const, 'random' as const),
    seed,
  }),
  fc.constant({ kind: 'frozen' as const }),
);
const prompt = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 200 })).map(wellFormed);
const race = fc.record({
  task: fc.constantFrom(...TASKS),
  experts: fc.constantFrom(...EXPERTS),
  k: fc.constantFrom(...CHOSEN),
  width: fc.constantFrom(...WIDTHS),
  third: fc.boolean(),
  router: fc.constantFrom(...ROUTERS),
  seed,
  rate: fc.constantFrom(...RATES),
  balance: fc.constantFrom(...BALANCES),
  off: fc.array(fc.tuple(fc.nat(3), fc.nat(63)), { maxLength: 5 }),
});

const state: fc.Arbitrary<PageState> = fc.record({
  model: fc.option(fc.stringMatching(/^[\w.-]{1,64}$/)),
  prompt,
  sampling: fc.record({
    temperature: fc.double({ min: 0, max: 5, noNaN: true }).map((x) => x + 0),
    topK: fc.nat(100_000),
    topP: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0),
    seed,
  }),
  length: fc.integer({ min: 1, max: 100_000 }),
  until: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  pace: fc.constantFrom('slow' as const, 'reading' as const, 'full' as const),
  interventions: fc.array(intervention, { maxLength: 30 }),
  other: fc.option(prompt),
  view: fc.constantFrom(...VIEWS),
  layer: fc.option(layer),
  scope: fc.constantFrom('token' as const, 'window' as const, 'all' as const),
  window: fc.integer({ min: 1, max: 100_000 }),
  shareOf: fc.constantFrom('assignments' as const, 'tokens' as const),
  order: fc.constantFrom('number' as const, 'load' as const),
  token: fc.option(fc.nat(1_000_000)),
  experts: fc.uniqueArray(fc.record({ layer, expert: layer }), {
    maxLength: 8,
    selector: ({ layer, expert }) => `${layer}:${expert}`,
  }),
  signs: fc.boolean(),
  open: fc.subarray([...DISCLOSURES]),
  theme: fc.option(fc.constantFrom(...THEMES)),
  hide: fc.subarray([...HIDEABLE]),
  batch: fc.integer({ min: 1, max: 512 }),
  held: fc.option(fc.integer({ min: 1, max: 0xffff })),
  train: fc.option(race.map(writeTraining)),
  repeat: fc.option(
    fc.constantFrom('8', '64', '512', 'quality', 'qwen3-30b-a3b:q4_0', 'granite-3.1-1b-a400m:f16:16x512'),
  ),
  scenes: fc.option(fc.stringMatching(/^[\w.-][\w./-]{0,199}$/)),
  scene: fc.nat(MOST_SCENES),
  kiosk: fc.option(fc.constantFrom('1' as const, 'midi' as const)),
  step: fc.option(fc.integer({ min: 1, max: TOUR_STEPS })),
  write: fc.boolean(),
});

/** As an address holds text: a half surrogate is no character. */
function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

describe('a link', () => {
  it('carries every state', () => {
    fc.assert(
      fc.property(state, (wanted) => {
        const read = readAddress(writeAddress(wanted));
        expect(read.complaints).toEqual([]);
        expect(read.state).toEqual(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  it('carries every race of painters, and leaves out of one what makes no sense', () => {
    fc.assert(
      fc.property(race, (wanted) => {
        const complaints: string[] = [];
        const link = readAddress(`#train=${writeTraining(wanted)}`).state.train!;
        expect(readTraining(link, (words) => void complaints.push(words))).toEqual(wanted);
        expect(complaints).toEqual([]);
      }),
    );
    const complaints: string[] = [];
    const read = readTraining('experts:7,balance:none,off:1.200,seed:5', (words) => void complaints.push(words));
    expect(read).toEqual({ ...DEFAULT_RACE, balance: 'none', seed: 5 });
    expect(complaints).toHaveLength(2);
    expect(readAddress('#train=<b>').complaints).toHaveLength(1);
  });

  it('survives the address bar: a URL keeps it to the letter', () => {
    fc.assert(
      fc.property(state, (wanted) => {
        const url = new URL(`https://example.org/page/#${writeAddress(wanted)}`);
        expect(readAddress(url.hash).state).toEqual(wanted);
      }),
    );
  });

  it('says nothing of what is usual', () => {
    expect(writeAddress(DEFAULT_STATE)).toBe('');
    expect(readAddress('')).toEqual({ state: DEFAULT_STATE, complaints: [] });
    expect(readAddress('#')).toEqual({ state: DEFAULT_STATE, complaints: [] });
  });

  it('reads as a person would write it', () => {
    const { state, complaints } = readAddress(
      '#prompt=Der+Wind,+the+wind&off=2:5,3:1&force=1:4&bias=2:5:-3.5&k=4&k=3:1&route=random:7&layer=2&view=measures&theme=contrast&seed=9',
    );
    expect(complaints).toEqual([]);
    expect(state).toEqual({
      ...DEFAULT_STATE,
      prompt: 'Der Wind, the wind',
      interventions: [
        { kind: 'off', layer: 2, expert: 5 },
        { kind: 'off', layer: 3, expert: 1 },
        { kind: 'force', layer: 1, expert: 4 },
        { kind: 'bias', layer: 2, expert: 5, amount: -3.5 },
        { kind: 'k', layer: null, k: 4 },
        { kind: 'k', layer: 3, k: 1 },
        { kind: 'route', layer: null, rule: 'random', seed: 7 },
      ],
      layer: 2,
      view: 'measures',
      theme: 'contrast',
      sampling: { ...DEFAULT_STATE.sampling, seed: 9 },
    });
  });

  it('brings a value into range and says so in one sentence', () => {
    const { state, complaints } = readAddress(
      'temperature=900&seed=-3&top-k=2.4&bias=0:0:50&view=bars&colour=red&step=99',
    );
    expect(state.sampling).toEqual({ ...DEFAULT_STATE.sampling, temperature: 100, seed: 0, topK: 2 });
    expect(state.interventions).toEqual([{ kind: 'bias', layer: 0, expert: 0, amount: 20 }]);
    expect(state.view).toBe(DEFAULT_STATE.view);
    expect(state.step).toBe(TOUR_STEPS);
    expect(complaint(complaints)).toBe(
      'Not all of this link could be taken as it stands: temperature 900 (100 is taken), seed -3 (0 is taken), ' +
        'top-k 2.4 (2 is taken), a bias of 50 (20 is taken), and 3 more.',
    );
  });

  it('takes nothing that it does not understand', () => {
    for (const link of [
      'off=2',
      'off=2:x',
      'off=1:2:3',
      'bias=1:2',
      'bias=1:2:NaN',
      'bias=1:2:0x10',
      'k=',
      'k=1:2:3',
      'frozen=yes',
    ]) {
      const { state, complaints } = readAddress(link);
      expect(state, link).toEqual(DEFAULT_STATE);
      expect(complaints, link).toHaveLength(1);
    }
    for (const link of [
      'route=even',
      'route=1:2:random',
      'temperature=Infinity',
      'seed=1e999',
      'tokens=',
      'token=1.5',
      'write=yes',
    ]) {
      const { state, complaints } = readAddress(link);
      expect(state, link).toEqual(DEFAULT_STATE);
      expect(complaints, link).toHaveLength(1);
    }
  });

  it('always gives a state that can be written again, whatever it is fed', () => {
    const keys =
      'model prompt temperature top-k seed tokens pace off force bias k route frozen view layer experts hide open step __proto__ constructor';
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(
          fc.tuple(fc.constantFrom(...keys.split(' ')), fc.oneof(fc.string(), fc.stringMatching(/^[-+.,:e0-9]*$/))),
        )
        .map((pairs) => pairs.map(([key, value]) => `${key}=${encodeURIComponent(wellFormed(value))}`).join('&')),
    );
    fc.assert(
      fc.property(hostile, (fragment) => {
        const { state, complaints } = readAddress(fragment);
        expect(readAddress(writeAddress(state))).toEqual({ state, complaints: [] });
        expect(complaints.every((words) => words.length < 120)).toBe(true);
        expect(Object.keys(state).sort()).toEqual(Object.keys(DEFAULT_STATE).sort());
      }),
      { numRuns: 3000 },
    );
  });

  it('cuts what is huge, quickly', () => {
    const reading = growth(3_000_000, (length) => {
      expect(readAddress(`prompt=${'a'.repeat(length)}`).state.prompt).toHaveLength(MOST_PROMPT);
    });
    expect(reading).toBeLessThan(LINEAR);
    const listing = growth(800_000, (length) => {
      const many = readAddress(`off=${'0:1,'.repeat(length)}`);
      expect(many.state.interventions.length).toBeLessThanOrEqual(MOST_LISTED);
      expect(complaint(many.complaints)).not.toBeNull();
    });
    expect(listing).toBeLessThan(LINEAR);
  });
});

describe('a link that meets a model', () => {
  const shape = { layers: 6, experts: 16, expertsPerToken: 2 };
  const fitted = (link: string) => fitToShape(readAddress(link).state, shape);

  it('is left alone when the model has all it asks for', () => {
    const { state } = readAddress('off=5:15&layer=5&k=16&experts=0:0&route=5:random:1');
    expect(fitToShape(state, shape)).toEqual({ state, complaints: [] });
  });

  it('looks at the last layer instead of one that is not there', () => {
    const { state, complaints } = fitted('layer=60');
    expect(state.layer).toBe(5);
    expect(complaints).toEqual(['layer 60 (the last is 5)']);
  });

  it('never does to one expert what was asked of another', () => {
    const { state, complaints } = fitted('off=5:15,5:16,6:0&force=9:9&k=40&k=7:2&route=8:random:1&experts=6:1,1:1');
    expect(state.interventions).toEqual([
      { kind: 'off', layer: 5, expert: 15 },
      { kind: 'k', layer: null, k: 16 },
    ]);
    expect(state.experts).toEqual([{ layer: 1, expert: 1 }]);
    expect(complaints).toHaveLength(7);
  });
});
