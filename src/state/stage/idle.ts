/** Notices that nobody has done anything for a while. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Calls `run` later, once, unless what is returned is called first. */
  after(milliseconds: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Idle {
  private last = 0;
  private cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly onIdle: () => void,
  ) {}

  /** Somebody did something. Cheap: a pointer that moves calls it often. */
  touch(): void {
    this.last = this.clock.now();
    if (!this.cancel) this.wait(this.limit);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private wait(milliseconds: number): void {
    this.cancel = this.clock.after(milliseconds, () => {
      this.cancel = null;
      const left = this.last + this.limit - this.clock.now();
      if (left > 0) this.wait(left);
      else this.onIdle();
    });
  }
}
