/**
 * Hands positions to the page at a pace the eye can follow. The recording and the live run go through the same pacer, so
 * pause and "one token" mean the same in both. A live chunk counts as taken when its last position was shown: at a
 * reading pace the worker is held back instead of running far ahead of the page.
 */
import { FULL_SPEED } from './pace.ts';
import type { Chunk } from './trace-store.ts';

interface Waiting {
  readonly chunk: Chunk;
  next: number;
  taken?: () => void;
}

export class Pacer {
  /** Tokens per second; at full speed all that waits is shown in the next frame. */
  rate = FULL_SPEED;
  private queue: Waiting[] = [];
  private running = false;
  private held = false;
  private frame = 0;
  private credit = 0;
  private last = 0;

  constructor(
    private readonly release: (chunk: Chunk, from: number, to: number) => void,
    private readonly drained: () => void,
  ) {}

  get waiting(): number {
    return this.queue.reduce((sum, { chunk, next }) => sum + chunk.count - next, 0);
  }

  /** `taken` is called once all of the chunk was shown, or at once while the pacer is stopped. */
  push(chunk: Chunk, taken?: () => void): void {
    const waiting: Waiting = { chunk, next: 0, taken };
    if (!this.running) this.settle(waiting);
    this.queue.push(waiting);
    this.wake();
  }

  start(): void {
    this.running = true;
    this.wake();
  }

  /** Nothing more is shown; what waits is acknowledged, so that nobody waits for a stopped page. */
  stop(): void {
    this.running = false;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    for (const waiting of this.queue) this.settle(waiting);
  }

  /** Out of sight nothing is shown and nothing acknowledged: the worker waits, and the run goes on afterwards. */
  hold(held: boolean): void {
    this.held = held;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.wake();
  }

  clear(): void {
    this.stop();
    this.queue = [];
    this.credit = 0;
  }

  /** Puts what waits aside; the answer puts it back. */
  setAside(): () => void {
    this.stop();
    const queue = this.queue;
    this.queue = [];
    return () => {
      this.queue = queue;
    };
  }

  /** Shows the next token now (a prompt counts as one); false when none waits. */
  one(): boolean {
    return this.take(1) > 0;
  }

  /** Shows all that waits. */
  flush(): void {
    this.take(FULL_SPEED);
  }

  private wake(): void {
    if (this.frame) return;
    this.last = performance.now();
    this.next();
  }

  /** One frame at a time: a second one would outlive a pause. */
  private next(): void {
    if (this.frame || !this.running || this.held || !this.queue.length) return;
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  private tick(now: number): void {
    this.frame = 0;
    // After a hidden tab the clock has run on: never let that become a burst.
    const elapsed = Math.min(250, Math.max(0, now - this.last));
    this.credit = this.rate === FULL_SPEED ? FULL_SPEED : Math.min(this.credit + (elapsed * this.rate) / 1000, 8);
    const whole = Math.floor(this.credit);
    if (whole >= 1) {
      this.take(whole);
      this.credit = this.rate === FULL_SPEED ? 0 : this.credit - whole;
    }
    // Also where what was shown woke it.
    this.last = now;
    this.next();
    if (!this.queue.length) this.drained();
  }

  private take(tokens: number): number {
    let left = tokens;
    while (left > 0 && this.queue.length) {
      const head = this.queue[0];
      const { chunk } = head;
      const from = head.next;
      const prompt = Math.max(0, chunk.promptCount - from);
      const to = prompt > 0 ? from + prompt : Math.min(chunk.count, from + Math.min(left, chunk.count));
      head.next = to;
      left -= prompt > 0 ? 1 : to - from;
      this.release(chunk, from, to);
      if (head.next >= chunk.count) {
        this.queue.shift();
        this.settle(head);
      }
    }
    return tokens === FULL_SPEED ? 0 : tokens - left;
  }

  private settle(waiting: Waiting): void {
    waiting.taken?.();
    waiting.taken = undefined;
  }
}
