/** What the worker was asked to write: one thing at a time, which can be waited for. */
export class Flight {
  private landed: Promise<void> | null = null;
  /** The page has called it off. */
  cancelled = false;

  constructor(private readonly abort: () => void) {}

  get inAir(): boolean {
    return this.landed !== null;
  }

  cancel(): void {
    if (!this.landed) return;
    this.cancelled = true;
    this.abort();
  }

  /** Resolves when the worker has finished with it. */
  async land(): Promise<void> {
    await this.landed;
  }

  async during(work: () => Promise<void>): Promise<void> {
    let release = () => {};
    this.cancelled = false;
    this.landed = new Promise((done) => {
      release = done;
    });
    try {
      await work();
    } finally {
      this.landed = null;
      release();
    }
  }
}
