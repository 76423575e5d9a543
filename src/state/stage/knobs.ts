/** Booth knobs: what a gamepad or a MIDI controller says, as something done to the page. */

import { add } from '../interventions/interventions.ts';
import { DEFAULT_SAMPLING } from '../session/inputs.ts';
import type { Session } from '../session/session.ts';

export type Turn =
  | { readonly kind: 'k'; readonly by: number }
  | { readonly kind: 'temperature'; readonly by: number }
  /** From 0 to 1, the place of a knob. */
  | { readonly kind: 'k-at'; readonly at: number }
  | { readonly kind: 'temperature-at'; readonly at: number }
  /** An expert of the layer that is looked at; null is the one with most to do. */
  | { readonly kind: 'knock-out'; readonly expert: number | null }
  | { readonly kind: 'restore' }
  | { readonly kind: 'write' };

/** By the number of the button in the standard layout of gamepads. */
const BUTTONS: Readonly<Record<number, Turn>> = {
  0: { kind: 'knock-out', expert: null },
  1: { kind: 'restore' },
  9: { kind: 'write' },
  12: { kind: 'k', by: 1 },
  13: { kind: 'k', by: -1 },
  14: { kind: 'temperature', by: -0.1 },
  15: { kind: 'temperature', by: 0.1 },
};
const MOST_TEMPERATURE = 2;

/** What the buttons that went down since last time ask for. */
export function turnsOfPad(before: readonly boolean[], now: readonly boolean[]): Turn[] {
  return Object.entries(BUTTONS)
    .filter(([button]) => now[Number(button)] && !before[Number(button)])
    .map(([, turn]) => turn);
}

/** A message as Web MIDI hands it over: controllers 1 and 21 are knobs, 2 and 22 too, a note is an expert. */
export function turnOfMidi([status = 0, number = 0, value = 0]: ArrayLike<number> & Iterable<number>): Turn | null {
  const kind = status & 0xf0;
  if (kind === 0xb0 && (number === 1 || number === 21)) return { kind: 'temperature-at', at: value / 127 };
  if (kind === 0xb0 && (number === 2 || number === 22)) return { kind: 'k-at', at: value / 127 };
  if (kind === 0x90 && value > 0) return { kind: 'knock-out', expert: number };
  return null;
}

/** Does it. */
export async function take(session: Session, turn: Turn): Promise<void> {
  const { experts, expertsPerToken } = session.shape.get();
  const list = session.interventions.get();
  const setK = (k: number) => {
    const others = list.filter(({ kind }) => kind !== 'k');
    const wanted = Math.min(experts, Math.max(1, k));
    return session.setInterventions(
      wanted === expertsPerToken ? others : add(others, { kind: 'k', layer: null, k: wanted }),
    );
  };
  const setTemperature = (value: number) => {
    const temperature = Math.min(MOST_TEMPERATURE, Math.max(0, value));
    session.sampling.choose({ ...session.sampling.get(), temperature: String(Math.round(temperature * 10) / 10) });
  };
  switch (turn.kind) {
    case 'k': {
      const now = list.find((each) => each.kind === 'k');
      await setK((now?.kind === 'k' ? now.k : expertsPerToken) + turn.by);
      return;
    }
    case 'k-at':
      await setK(1 + Math.round(turn.at * (experts - 1)));
      return;
    case 'temperature': {
      const typed = Number.parseFloat(session.sampling.get().temperature);
      setTemperature((Number.isFinite(typed) ? typed : Number(DEFAULT_SAMPLING.temperature)) + turn.by);
      return;
    }
    case 'temperature-at':
      setTemperature(turn.at * MOST_TEMPERATURE);
      return;
    case 'knock-out': {
      const layer = session.layer.get();
      await session.toggleExpert(layer, turn.expert === null ? session.trace.busiest(layer) : turn.expert % experts);
      return;
    }
    case 'restore':
      await session.setInterventions([]);
      return;
    case 'write':
      await session.writing.write();
  }
}
