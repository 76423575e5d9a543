/** Names that the visitor gives to experts. The page gives none itself. Kept in this browser, if it lets us. */

import { signal } from '../session/signals.ts';
import type { Expert } from './selection.ts';

const KEY = 'moescope.names';
export const LONGEST_NAME = 40;

type Names = Readonly<Record<string, string>>;

function stored(): Names {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const entries = Object.entries(names ?? {}).filter(([, name]) => typeof name === 'string');
    return Object.fromEntries(entries.map(([key, name]) => [key, name.slice(0, LONGEST_NAME)]));
  } catch {
    return {};
  }
}

export class ExpertNames {
  private readonly names = signal<Names>(stored());

  /** @param model tells which model is on the screen: its expert 7 is not another model's */
  constructor(private readonly model: () => string) {}

  of(expert: Expert): string | null {
    return this.names.get()[this.key(expert)] ?? null;
  }

  /** An empty name takes the old one back. */
  give(expert: Expert, name: string): void {
    const { [this.key(expert)]: _old, ...others } = this.names.get();
    const given = name.trim().slice(0, LONGEST_NAME);
    this.names.set(given ? { ...others, [this.key(expert)]: given } : others);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.names.get()));
    } catch {
      // Denied in a sandboxed frame: the names last as long as the page.
    }
  }

  private key({ layer, expert }: Expert): string {
    return `${this.model()} ${layer}:${expert}`;
  }
}
