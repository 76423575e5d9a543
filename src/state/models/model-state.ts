/** The model that is open, or on its way: one that was open stays where the next cannot be had. */
import type { EngineInfo } from '../../engine/types.ts';
import type { Fault, ModelEntry, Opened, Progress } from '../../worker/protocol.ts';
import type { EngineState } from '../session/session-types.ts';
import { computed, signal } from '../session/signals.ts';
import type { Catalog } from './model-list.ts';

export class ModelState {
  readonly engine = signal<EngineState>({ phase: 'waiting' });
  readonly catalog = signal<Catalog | null>(null);
  readonly opened = computed(() => {
    const engine = this.engine.get();
    return engine.phase === 'ready' ? engine.opened : null;
  });
  /** What stands while something new is being loaded. */
  private standing: EngineState = { phase: 'waiting' };

  list(catalog: Catalog): void {
    this.catalog.set(catalog);
  }

  /** The answer is told how far it is. @param url as in open() */
  load(title: string, bytes: number, entry: ModelEntry | null, url: string | null): (progress: Progress) => void {
    const before = this.engine.get();
    if (before.phase === 'ready') this.standing = before;
    const progress = signal<Progress | null>(null);
    this.engine.set({ phase: 'loading', title, bytes, progress, entry, url });
    return (now) => progress.set(now);
  }

  /** @param url where it was fetched from, when it is none of the list */
  open(opened: Opened, entry: ModelEntry | null, title: string, url: string | null): void {
    this.engine.set({ phase: 'ready', opened, entry, title, url });
  }

  fail(fault: Fault): void {
    this.engine.set(this.standing.phase === 'ready' ? this.standing : { phase: 'failed', fault });
  }

  /** The worker is gone, and with it what was open. */
  lose(fault: Fault): void {
    this.standing = { phase: 'failed', fault };
    this.engine.set(this.standing);
  }

  /** It runs on a new device now, or on the CPU. */
  moved(info: EngineInfo): void {
    const engine = this.engine.get();
    if (engine.phase === 'ready') this.engine.set({ ...engine, opened: { ...engine.opened, info } });
  }
}
