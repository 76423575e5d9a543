/** Every intervention, made through the page, against the CPU engine (float64) in Node on the same file. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { klDivergence } from '../../src/compare/divergence.ts';
import type { Routed } from '../../src/engine/batch.ts';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { type Intervention, planRouting } from '../../src/engine/interventions.ts';
import { loadModel } from '../../src/model/load.ts';
import { useBrowser, Visitor } from './visitor.ts';

useBrowser();

const PROMPT = 'The old man opened the door and';
const GREEDY = { temperature: '0', length: '12' };
const model = loadModel(new Uint8Array(readFileSync('public/models/moe.gguf')));
const { layers, experts } = model.config;
const cpu = createCpuEngine(model);

/** What the page's own trace holds of the text on the screen. */
interface Seen {
  readonly ids: number[];
  readonly promptCount: number;
  /** [T][L], in the order of the trace. */
  readonly experts: number[][][];
  readonly weights: number[][][];
  readonly probabilities: number[][][];
}

const seen = (visitor: Visitor): Promise<Seen> =>
  visitor.page.evaluate(() => {
    const { trace } = (document.querySelector('moe-page') as unknown as { session: { trace: never } }).session as {
      trace: {
        count: number;
        ids: number[];
        promptCount: number;
        shape: { layers: number };
        chosen(at: number, layer: number): number;
        expert(at: number, layer: number, rank: number): number;
        gate(at: number, layer: number, rank: number): number;
        router(at: number, layer: number): Float32Array;
      };
    };
    const rows = <T>(read: (at: number, layer: number) => T) =>
      Array.from({ length: trace.count }, (_, at) =>
        Array.from({ length: trace.shape.layers }, (_, layer) => read(at, layer)),
      );
    const ranks = (read: 'expert' | 'gate') => (at: number, layer: number) =>
      Array.from({ length: trace.chosen(at, layer) }, (_, rank) => trace[read](at, layer, rank));
    return {
      ids: [...trace.ids],
      promptCount: trace.promptCount,
      experts: rows(ranks('expert')),
      weights: rows(ranks('gate')),
      probabilities: rows((at, layer) => [...trace.router(at, layer)]),
    };
  });

/** The same tokens in float64, and what would have been drawn greedily after each. */
async function byHand(ids: readonly number[], list: readonly Intervention[], previous: Routed | null = null) {
  cpu.truncate(0);
  cpu.setRouting(planRouting(model.config, list, { previous }));
  const { trace, logits } = await cpu.forward(ids);
  const vocabulary = model.config.vocabulary;
  const row = (at: number, layer: number) => (at * layers + layer) * trace.slots;
  const predicted = (at: number) => logits.subarray(at * vocabulary, (at + 1) * vocabulary);
  const best = (at: number) => {
    const all = predicted(at);
    const id = all.indexOf(Math.max(...all));
    return { id, lead: all[id] - Math.max(...all.filter((_, i) => i !== id)) };
  };
  return { trace, row, best, predicted };
}

async function agree(actual: Seen, list: readonly Intervention[], previous: Routed | null = null) {
  const { trace, row, best } = await byHand(actual.ids, list, previous);
  let [same, rows] = [0, 0];
  for (let at = 0; at < actual.ids.length; at++) {
    for (let layer = 0; layer < layers; layer++) {
      const used = actual.experts[at][layer];
      const from = row(at, layer);
      const expected = [...trace.expertIds.subarray(from, from + trace.slots)].filter((id) => id < experts);
      expect(used.length).toBe(expected.length);
      rows++;
      // Two experts that nearly tie may change places between f32 and f64.
      if (String(used) !== String(expected)) continue;
      same++;
      used.forEach((_, j) => {
        expect(Math.abs(actual.weights[at][layer][j] - trace.gateWeights[from + j])).toBeLessThan(2e-2);
      });
    }
  }
  expect(same / rows).toBeGreaterThan(0.98);
  for (let at = actual.promptCount - 1; at < actual.ids.length - 1; at++) {
    const { id, lead } = best(at);
    if (lead > 0.05) expect(actual.ids[at + 1]).toBe(id);
  }
  return trace;
}

describe('interventions made through the page', () => {
  let visitor: Visitor;

  beforeAll(async () => {
    visitor = await Visitor.open({ reducedMotion: 'reduce' });
    await visitor.page.getByRole('button', { name: 'Write live' }).click();
    await visitor.untilBadge('live (WebGPU, ');
    await visitor.untilWritten(2);
    await visitor.stop();
    await visitor.fullSpeed();
    await visitor.id('intervene').click();
    await visitor.id('add-intervention').waitFor();
  });
  afterAll(() => visitor.leave());

  /** Fills the editor's holes and adds. */
  async function add(kind: string, holes: Readonly<Record<string, string>> = {}): Promise<void> {
    await visitor.id('intervention-kind').selectOption(kind);
    const { layer, ...typed } = holes;
    if (layer) await visitor.id('intervention-layer').selectOption(layer);
    for (const [name, value] of Object.entries(typed)) await visitor.id(`intervention-${name}`).fill(value);
    await visitor.id('add-intervention').click();
    await visitor.page.waitForTimeout(50);
  }

  async function removeAll(): Promise<void> {
    const buttons = visitor.id('interventions').getByRole('button', { name: /^Remove: / });
    while ((await buttons.count()) > 0) await buttons.first().click();
  }

  const cases: [string, () => Promise<void>, Intervention[]][] = [
    ['nothing', async () => {}, []],
    [
      'three experts off',
      async () => {
        for (const expert of ['3', '5', '11']) await add('off', { layer: '5', expert });
      },
      [3, 5, 11].map((expert) => ({ kind: 'off', layer: 5, expert })),
    ],
    ['an expert forced', () => add('force', { layer: '2', expert: '7' }), [{ kind: 'force', layer: 2, expert: 7 }]],
    [
      'a biased logit',
      () => add('bias', { layer: '1', expert: '0', amount: '2,5' }),
      [{ kind: 'bias', layer: 1, expert: 0, amount: 2.5 }],
    ],
    ['k = 1', () => add('k', { layer: 'every', k: '1' }), [{ kind: 'k', layer: null, k: 1 }]],
    ['k = E in one layer', () => add('k', { layer: '4', k: '16' }), [{ kind: 'k', layer: 4, k: 16 }]],
    ['turns', () => add('uniform', { layer: 'every' }), [{ kind: 'route', layer: null, rule: 'uniform', seed: 0 }]],
    ['lots', () => add('random', { layer: '3', seed: '7' }), [{ kind: 'route', layer: 3, rule: 'random', seed: 7 }]],
  ];

  it.each(cases)('%s', async (_, act, list) => {
    await act();
    await visitor.write(PROMPT, GREEDY);
    const actual = await seen(visitor);
    await agree(actual, list);
    for (const each of list) {
      if (each.kind !== 'off') continue;
      for (const [at, row] of actual.experts.entries()) {
        expect(row[each.layer]).not.toContain(each.expert);
        expect(actual.probabilities[at][each.layer][each.expert]).toBe(0);
      }
    }
    await removeAll();
  });

  it('frozen: the next text keeps the experts of the one before', async () => {
    await visitor.write(PROMPT, GREEDY);
    const first = await seen(visitor);
    const previous = await agree(first, []);
    await add('frozen');
    await visitor.write('A girl went to the market, and', GREEDY);
    const second = await seen(visitor);
    const shared = Math.min(first.ids.length, second.ids.length);
    expect(second.experts.slice(0, shared)).toEqual(first.experts.slice(0, shared));
    await agree(second, [{ kind: 'frozen' }], previous);
    await removeAll();
  });

  it('in the middle of a text: what stands stays, what comes obeys', async () => {
    await visitor.write(PROMPT, { ...GREEDY, length: '6' });
    const before = await seen(visitor);
    await add('off', { layer: '5', expert: String(before.experts.at(-1)![5][0]) });
    await visitor.id('one').click();
    await expect.poll(() => seen(visitor).then(({ ids }) => ids.length)).toBe(before.ids.length + 1);
    const after = await seen(visitor);
    expect(after.experts.slice(0, before.ids.length)).toEqual(before.experts);
    expect(after.experts.at(-1)![5]).not.toContain(before.experts.at(-1)![5][0]);
    await removeAll();
  });

  it('says beside the button what cannot be, and changes nothing', async () => {
    await add('k', { layer: '2', k: '17' });
    expect(await visitor.text('add-intervention')).toBe('Add');
    const said = () => visitor.page.locator('intervention-editor [role=alert]').textContent();
    expect(await said()).toContain('k must be a whole number from 1 to 16');
    await add('off', { layer: '2', expert: '' });
    expect(await said()).toContain('There is no expert');
    await add('off', { layer: '2', expert: '4' });
    await add('force', { layer: '2', expert: '4' });
    // The later of two that contradict each other holds.
    await expect.poll(() => visitor.text('interventions')).toContain('Expert 4 in layer 2 is always among the k');
    expect(await visitor.text('interventions')).not.toContain('is off');
    await removeAll();
    await visitor.id('interventions').waitFor({ state: 'detached' });
  });

  it('measures the effect on this text, on a second text and on held-out text', async () => {
    await visitor.write(PROMPT, { temperature: '0.8', length: '16' });
    await add('k', { layer: 'every', k: '1' });
    await visitor.id('effect-text').click();
    await visitor.id('effect-kl').waitFor({ timeout: 60_000 });
    const mean = Number((await visitor.text('effect-kl')).match(/([\d.]+) nats/)![1]);
    const { ids } = await seen(visitor);
    const [without, under] = [await byHand(ids, []), await byHand(ids, [{ kind: 'k', layer: null, k: 1 }])];
    const kl = ids.map((_, at) => klDivergence(without.predicted(at), under.predicted(at)));
    const expected = kl.reduce((sum, each) => sum + each, 0) / ids.length;
    expect(Math.abs(mean - expected)).toBeLessThan(0.001 + 0.02 * expected);
    await visitor.page.locator('effect-strip summary').click();
    await visitor.id('effect-table').waitFor();
    const listed = await visitor.id('effect-table').locator('tbody td:last-child').allTextContents();
    expect(listed.length).toBe(kl.length);
    const sum = listed.reduce((total, nats) => total + Number(nats), 0);
    expect(Math.abs(sum / listed.length - mean)).toBeLessThan(0.0011);
    console.log(`mean KL ${mean} on the page, ${expected.toFixed(5)} in float64, over ${ids.length} positions`);
    await visitor.id('effect-second').click();
    await visitor.id('effect-new').waitFor({ timeout: 90_000 });
    expect(await visitor.id('effect-new').locator('mark').count()).toBeGreaterThan(0);
    await visitor.id('effect-domain').selectOption('story');
    await visitor.id('effect-loss').click();
    await visitor.id('effect-loss-cancel').click();
    await visitor.id('effect-loss').waitFor();
    expect(await visitor.id('effect-losses').count()).toBe(0);
    expect(visitor.errors).toEqual([]);
  });
});
