/** What the worker was asked to write: one thing at a time, which can be waited for. */
export class Flight {
  private landed: Promise<void> | null = null;

  constructor(private readonly abort: () => void) {}

  get inAir(): boolean {
    return this.landed !== null;
  }

  cancel(): void {
    if (this.landed) this.abort();
  }

  /** Resolves when the worker has finished with it. */
  async land(): Promise<void> {
    await this.landed;
  }

  async during(work: () => Promise<void>): Promise<void> {
    let release = () => {};
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
