/** The load of the last N tokens, kept up as the text grows: what leaves at the back is taken off, O(L·k) a token. */
import type { TraceStore } from '../text/trace-store.ts';

export class WindowLoad {
  /** Assignments within the window, [L, E] and [L]. */
  readonly load: Uint32Array;
  readonly assigned: Uint32Array;
  private first = 0;
  private end = 0;

  constructor(
    private readonly trace: TraceStore,
    /** Tokens of the window. */
    readonly size: number,
  ) {
    const { layers, experts } = trace.shape;
    this.load = new Uint32Array(layers * experts);
    this.assigned = new Uint32Array(layers);
  }

  /** Tokens that are in it: fewer than its size only while the text is shorter. */
  get tokens(): number {
    return this.end - this.first;
  }

  /** Moves the window to the end of the text. */
  follow(): void {
    const { count } = this.trace;
    const first = Math.max(0, count - this.size);
    if (first > this.end) {
      // Everything that was in it has left.
      this.load.fill(0);
      this.assigned.fill(0);
      this.first = first;
      this.end = first;
    }
    while (this.first < first) this.count(this.first++, -1);
    while (this.end < count) this.count(this.end++, 1);
  }

  private count(at: number, by: 1 | -1): void {
    const { layers, experts } = this.trace.shape;
    for (let layer = 0; layer < layers; layer++) {
      const chosen = this.trace.chosen(at, layer);
      for (let rank = 0; rank < chosen; rank++) this.load[layer * experts + this.trace.expert(at, layer, rank)] += by;
      this.assigned[layer] += by * chosen;
    }
  }
}
