/** What the big button does next, whatever it is pressed with. */
import type { Phase } from '../session/session-types.ts';
import type { Readable } from '../session/signals.ts';

interface Text {
  readonly phase: Readable<Phase>;
  readonly writing: { readonly reading: Readable<boolean>; readonly begun: { readonly heldBack: Readable<boolean> } };
}

export function nextAct({ phase, writing }: Text): 'pause' | 'go-on' | 'write' {
  // The prompt is read: what was said of the text before does not count.
  if (writing.reading.get()) return writing.begun.heldBack.get() ? 'go-on' : 'pause';
  const now = phase.get();
  return now === 'going' ? 'pause' : now === 'paused' ? 'go-on' : 'write';
}
