/** What was measured on the open model does not stand beside the text of another, which came as a file. */
import { nothing } from 'lit';
import { beforeAll, expect, it, vi } from 'vitest';
import { comparisonOf } from './comparisons.ts';

type Shown = Record<string, (...asked: unknown[]) => unknown>;
let parts: { meter: Shown; held: Shown; expert: Shown };
let kind = 'live';

const is = <T>(value: T) => ({ get: () => value });
const domains = [{ domain: 'prose', title: 'Prose', assignments: 20, load: [[5, 15]] }];
const session = {
  source: { get: () => ({ kind }) },
  comparing: { found: is(comparisonOf([1])), run: is({ state: 'none' }) },
  catalog: is(null),
  parameters: is(null),
  opened: is({ info: { kind: 'webgpu' }, model: { experts: 2, expertsPerToken: 2 } }),
  engine: is({ phase: 'ready', entry: {} }),
  measuring: { domains: is({ state: 'done', result: domains }) },
  residency: is(null),
  trace: { shape: { experts: 2 } },
};

beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }));
  const { CostStrip } = await import('../../src/ui/meter/cost-strip.ts');
  const { HeldExperts } = await import('../../src/ui/residency/held-experts.ts');
  const { ExpertPage } = await import('../../src/ui/experts/expert-page.ts');
  // Without what a browser's elements need: only what they would show is asked for.
  const shown = (part: { prototype: object }) =>
    Object.create(part.prototype, { session: { value: session } }) as unknown as Shown;
  parts = { meter: shown(CostStrip), held: shown(HeldExperts), expert: shown(ExpertPage) };
});

it.each([
  ['times of the meter', () => parts.meter.times(), null],
  ['where a time would stand', () => parts.meter.action(), nothing],
  ['where experts are held', () => parts.held.render(), nothing],
  ['what kind of text an expert took most of', () => parts.expert.strongest({ layer: 0, expert: 1 }), nothing],
  ['the kinds of text of an expert', () => parts.expert.domains({ layer: 0, expert: 1 }), nothing],
])('%s: of the open model’s text alone', (_, ask, none) => {
  kind = 'live';
  expect(ask()).not.toBe(none);
  kind = 'imported';
  expect(ask()).toBe(none);
});
