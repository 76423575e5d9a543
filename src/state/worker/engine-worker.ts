/** How long a worker may take to say that it is there before the page says that it is not. */
const SILENCE_MILLISECONDS = 20_000;

/** Whom a worker's troubles are told. */
export interface Guest {
  /** The worker could not start, or died: whatever it was asked gets no answer. */
  failed(reason: string): void;
  /** It was started a while ago and has not said a word; it still may. */
  silent(): void;
}

/** One worker for all sessions on a page. It starts with the first command and ends when the last session has left. */
export class EngineWorker {
  private worker: Promise<Worker> | null = null;
  private answered = false;
  private guests = new Set<Guest>();

  /**
   * @param create Called when a worker is needed: its start must not compete with the page's first paint.
   * @param explain What the browser says of a failure, as more than the browser says.
   */
  constructor(
    private readonly create: () => Worker | Promise<Worker>,
    private readonly explain: (reason: string) => string = (reason) => reason,
  ) {}

  /** A port to a service of one's own: an engine, or a trainer. */
  enter(
    guest: Guest,
    service: 'engine' | 'training' | 'text-training' = 'engine',
  ): { readonly port: MessagePort; readonly leave: () => void } {
    const { port1, port2 } = new MessageChannel();
    this.guests.add(guest);
    this.worker ??= this.start();
    const entered = this.worker;
    entered.then(
      (worker) => worker.postMessage(service, [port2]),
      (thrown) => this.fail(entered, thrown instanceof Error ? thrown.message : String(thrown)),
    );
    return { port: port1, leave: () => this.leave(guest) };
  }

  /** Ends a worker that has not said a word. */
  giveUp(): void {
    if (this.worker && !this.answered) this.fail(this.worker, 'It did not answer.');
  }

  private start(): Promise<Worker> {
    this.answered = false;
    const starting = Promise.resolve(this.create()).then((worker) => {
      const fail = (reason: string) => this.fail(starting, reason);
      worker.onerror = (event) => fail(event.message || 'The worker script could not be loaded.');
      // Chromium has no onmessageerror on a worker.
      worker.addEventListener('messageerror', () => fail('A message from the worker could not be read.'));
      worker.onmessage = ({ data: lock }: MessageEvent<string>) => {
        if (this.worker === starting) this.answered = true;
        // The worker holds it for as long as it lives: no event tells that a browser has ended a worker.
        if (lock) void navigator.locks.request(lock, () => fail('The browser has ended it.'));
      };
      return worker;
    });
    setTimeout(() => {
      if (this.worker === starting && !this.answered) for (const guest of this.guests) guest.silent();
    }, SILENCE_MILLISECONDS);
    return starting;
  }

  /** Whoever enters after a failure tries with a new worker. */
  private fail(failed: Promise<Worker>, reason: string): void {
    if (this.worker !== failed) return;
    this.end();
    const guests = [...this.guests];
    this.guests.clear();
    for (const guest of guests) guest.failed(this.explain(reason));
  }

  private leave(guest: Guest): void {
    if (this.guests.delete(guest) && !this.guests.size) this.end();
  }

  private end(): void {
    this.worker?.then(
      (worker) => worker.terminate(),
      () => {}, // It never was.
    );
    this.worker = null;
  }
}
