/** The way of tokens to the page: joined to at most one message per frame, held back when the page falls behind. */
import { concatBatches, type TraceShape } from '../engine/batch.ts';
import type { StreamAck, StreamMessage, StreamTokens } from './protocol.ts';

const FRAME_MILLISECONDS = 16;
/** Messages the page has not acknowledged yet. */
const MAX_UNACKNOWLEDGED = 3;
/** Tokens that may wait here before the engine has to. */
const MAX_WAITING = 64;

export class TokenStream {
  private shape: TraceShape = { layers: 0, experts: 0, expertsPerToken: 0 };
  private waiting: StreamTokens[] = [];
  private run = -1;
  private unacknowledged = 0;
  private lastPost = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private wake: (() => void)[] = [];

  constructor(private readonly port: MessagePort) {
    port.onmessage = (event: MessageEvent<StreamAck>) => {
      if (event.data.type !== 'ack' || event.data.run !== this.run) return;
      this.unacknowledged = Math.max(0, this.unacknowledged - 1);
      this.flush();
    };
  }

  /** A new run: messages of the old one no longer count. */
  start(run: number, shape: TraceShape): void {
    this.run = run;
    this.shape = shape;
    this.waiting = [];
    this.unacknowledged = 0;
  }

  /** Resolves when there is room for more. */
  async push(message: StreamTokens): Promise<void> {
    this.waiting.push(message);
    this.flush();
    while (this.tokensWaiting() > MAX_WAITING) await this.change();
  }

  /** Resolves when everything pushed is on its way. */
  async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.change();
  }

  post(message: StreamMessage): void {
    this.port.postMessage(message);
  }

  private tokensWaiting(): number {
    return this.waiting.reduce((sum, { batch }) => sum + batch.count, 0);
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private flush(): void {
    if (this.waiting.length === 0 || this.unacknowledged >= MAX_UNACKNOWLEDGED || this.timer !== null) return;
    const early = FRAME_MILLISECONDS - (performance.now() - this.lastPost);
    if (early > 1) {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.flush();
      }, early);
      return;
    }
    const joined = this.join(this.waiting);
    this.waiting = [];
    this.unacknowledged++;
    this.lastPost = performance.now();
    const { batch } = joined;
    this.port.postMessage(joined, [
      batch.tokens.buffer,
      batch.sampled.buffer,
      batch.revisions.buffer,
      batch.expertIds.buffer,
      batch.gateWeights.buffer,
      batch.probabilities.buffer,
      batch.candidateIds.buffer,
      batch.candidateProbabilities.buffer,
    ]);
    const wake = this.wake;
    this.wake = [];
    for (const resolve of wake) resolve();
  }

  private join(messages: readonly StreamTokens[]): StreamTokens {
    const last = messages[messages.length - 1];
    return {
      ...last,
      batch: concatBatches(
        this.shape,
        messages.map(({ batch }) => batch),
      ),
      texts: messages.flatMap(({ texts }) => texts),
      candidateTexts: messages.flatMap(({ candidateTexts }) => candidateTexts),
      changes: messages.flatMap(({ changes }) => changes),
      milliseconds: messages.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    };
  }
}
