/** What is left out where experts are not here: as much as must be, and no more. */
import { expect, it } from 'vitest';
import { type Intervention, interventionProblem } from '../../src/engine/interventions.ts';
import { goWithout, withoutAway } from '../../src/state/interventions/without.ts';
import type { Page } from '../../src/state/session/page.ts';
import { signal } from '../../src/state/session/signals.ts';

const model = { layers: 3, experts: 4, expertsPerToken: 2 };
const expertBytes = [0, 8, 8];
const force = { kind: 'force', layer: 1, expert: 3 } as const;

/** A page whose model lacks these, under these interventions. */
function page(away: readonly (readonly number[])[], list: readonly Intervention[]) {
  const told: string[] = [];
  const session = {
    opened: signal({ model }),
    interventions: signal(list),
    without: signal<readonly Intervention[]>([]),
    leaveOut: (left: readonly Intervention[]) => session.without.set(left),
    client: { residency: async () => ({ away, expertBytes }) },
    tell: ({ message }: { message: string }) => told.push(message),
    setInterventions: async (wanted: readonly Intervention[]) => session.interventions.set(wanted),
  };
  return { session, told, go: () => goWithout(session as unknown as Page) };
}

it('switches off what is not here, and lets a token take fewer where too few are left', () => {
  const off = (layer: number, expert: number) => ({ kind: 'off', layer, expert });
  expect(withoutAway({ away: [[], [1], [0, 1, 3]], expertBytes }, model, [])).toEqual([
    off(1, 1),
    off(2, 0),
    off(2, 1),
    off(2, 3),
    { kind: 'k', layer: 2, k: 1 },
  ]);
  // What is off already is not there either, and is not the page's to take back.
  const list = [{ kind: 'off', layer: 1, expert: 2 } as const, { kind: 'k', layer: null, k: 3 } as const];
  expect(withoutAway({ away: [[], [1, 2], []], expertBytes }, model, list)).toEqual([
    off(1, 1),
    { kind: 'k', layer: 1, k: 2 },
  ]);
  expect(withoutAway({ away: [[], [], [0, 1, 2, 3]], expertBytes }, model, [])).toBe(2);
});

it('is a list that can be, is taken back as one, and drops a force that could not be', async () => {
  const bias = { kind: 'bias', layer: 2, expert: 0, amount: 2 } as const;
  const { session, go } = page([[], [3], [1]], [force, bias]);
  await go();
  expect(session.interventions.get()).toEqual([bias, ...session.without.get()]);
  expect(session.without.get()).toHaveLength(2);
  expect(interventionProblem(model, session.interventions.get())).toBeNull();
});

it('says so where a layer has none, and changes nothing', async () => {
  const { session, told, go } = page([[], [0, 1, 2, 3], []], [force]);
  await go();
  expect(told).toEqual(['Of layer 1 no expert is here yet, so the text cannot go on without waiting.']);
  expect(session.interventions.get()).toEqual([force]);
  expect(session.without.get()).toEqual([]);
});
