/** The keys of keyboards and clickers in a talk. */
import { isFree } from '../kit/keys.ts';

export type Act =
  | { readonly kind: 'move'; readonly by: 1 | -1 }
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'dark' | 'light' | 'freeze' | 'notes' | 'controls' | 'leave' };

const ACTS: Readonly<Record<string, Act>> = {
  ArrowRight: { kind: 'move', by: 1 },
  PageDown: { kind: 'move', by: 1 },
  ArrowLeft: { kind: 'move', by: -1 },
  PageUp: { kind: 'move', by: -1 },
  Home: { kind: 'go', to: 1 },
  End: { kind: 'go', to: Number.POSITIVE_INFINITY },
  Escape: { kind: 'leave' },
  b: { kind: 'dark' },
  '.': { kind: 'dark' },
  s: { kind: 'light' },
  f: { kind: 'freeze' },
  n: { kind: 'notes' },
  c: { kind: 'controls' },
};
/** Whatever has the focus wants these itself, if it is anything that is pressed. */
const PRESSING: Readonly<Record<string, Act>> = {
  ' ': { kind: 'move', by: 1 },
  Enter: { kind: 'move', by: 1 },
  Backspace: { kind: 'move', by: -1 },
};
/** Where a picture fills the screen there is nothing to scroll. */
const SCROLLING: Readonly<Record<string, Act>> = {
  ArrowDown: { kind: 'move', by: 1 },
  ArrowUp: { kind: 'move', by: -1 },
};

/** What a key asks for; null where it is somebody else's. */
export function actOf(event: KeyboardEvent, isPicture: boolean): Act | null {
  // By what it is, because the notes window has classes of its own.
  const path = event.composedPath().filter((node): node is Element => 'closest' in node);
  if (!isFree(event) || path.some((node) => node.matches('dialog'))) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pressed = path[0]?.matches('button, a, summary, [role=button], [role=radio], [tabindex="0"]') ?? false;
  if (/^[1-9]$/.test(key)) return { kind: 'go', to: Number(key) };
  if (pressed && key.startsWith('Arrow')) return null;
  return ACTS[key] ?? (pressed ? null : PRESSING[key]) ?? (isPicture ? SCROLLING[key] : null) ?? null;
}
