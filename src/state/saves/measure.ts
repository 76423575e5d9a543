/** A measurement on the page, from the asking to what was found. */
import { asFault, inWords, isCancelled } from '../session/faults.ts';
import { signal } from '../session/signals.ts';

export type Measure<T> =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly step: string; readonly done: number; readonly total: number }
  | { readonly state: 'done'; readonly result: T }
  | { readonly state: 'failed'; readonly message: string };

export type OnProgress = (done: number, total: number, step?: string) => void;

export class Measured<T> {
  private readonly now = signal<Measure<T>>({ state: 'none' });
  /** What was forgotten while it ran does not come back with its end. */
  private forgotten = 0;

  get(): Measure<T> {
    return this.now.get();
  }

  forget(): void {
    this.forgotten++;
    this.now.set({ state: 'none' });
  }

  /** Known without being measured now. */
  know(result: T): void {
    this.now.set({ state: 'done', result });
  }

  fail(message: string): void {
    this.now.set({ state: 'failed', message });
  }

  /** What was found before outlives a run that is cancelled. */
  async run(step: string, measure: (onProgress: OnProgress) => Promise<T>): Promise<void> {
    const before = this.get();
    const { forgotten } = this;
    const wanted = () => forgotten === this.forgotten;
    this.now.set({ state: 'running', step, done: 0, total: 1 });
    try {
      const result = await measure((done, total, step) => {
        const now = this.get();
        if (now.state === 'running' && wanted())
          this.now.set({ state: 'running', step: step ?? now.step, done, total });
      });
      if (wanted()) this.know(result);
    } catch (thrown) {
      if (!wanted()) return;
      if (!isCancelled(thrown)) this.fail(inWords(asFault(thrown, 'The measurement failed.')));
      else if (before.state === 'done') this.now.set(before);
      else this.forget();
    }
  }
}
