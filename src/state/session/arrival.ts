/**
 * Tokens and the end of their run come over two ports, in no promised order: a run is over for the page when its end has
 * been told and all its tokens are here.
 */
const PATIENCE_MILLISECONDS = 2000;

export class Arrival {
  private here = 0;
  private wanted = Number.POSITIVE_INFINITY;
  private resolve: () => void = () => {};

  /** So many drawn tokens have come. */
  add(tokens: number): void {
    this.here += tokens;
    if (this.here >= this.wanted) this.resolve();
  }

  /** Resolves when `tokens` have come; does not wait for ever for what was lost with a device. */
  async of(tokens: number): Promise<void> {
    this.wanted = tokens;
    if (this.here >= tokens) return;
    await new Promise<void>((resolve) => {
      this.resolve = resolve;
      setTimeout(resolve, PATIENCE_MILLISECONDS);
    });
  }
}
