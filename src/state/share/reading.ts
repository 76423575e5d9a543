/** The file that is being read; one at a time, the newest. */
import { type Readable, signal } from '../session/signals.ts';

export class FileReading {
  readonly now = signal<{ readonly name: string; readonly done: Readable<number> } | null>(null);

  begin(name: string): { told(done: number): void; end(): void } {
    const done = signal(0);
    const mine = { name, done };
    return {
      told: (share) => {
        done.set(share);
        if (this.now.get() !== mine) this.now.set(mine);
      },
      end: () => {
        if (this.now.get() === mine) this.now.set(null);
      },
    };
  }

  stop(): void {
    this.now.set(null);
  }
}
