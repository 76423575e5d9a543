/** One worker for all sessions on a page. It starts with the first command and ends when the last session has left. */
export class Workshop {
  #worker: Promise<Worker> | null = null;
  #seats = new Set<(reason: string) => void>();

  /**
   * @param create Called when a worker is needed: its start must not compete with the page's first paint.
   * @param explain What the browser says of a failure, as more than the browser says.
   */
  constructor(
    private readonly create: () => Worker | Promise<Worker>,
    private readonly explain: (reason: string) => string = (reason) => reason,
  ) {}

  /**
   * A port to a service of one's own.
   * @param onFailure The worker could not start, or died.
   */
  enter(onFailure: (reason: string) => void): { readonly port: MessagePort; readonly leave: () => void } {
    const { port1, port2 } = new MessageChannel();
    this.#seats.add(onFailure);
    this.#worker ??= this.#start();
    this.#worker.then(
      (worker) => worker.postMessage('seat', [port2]),
      (thrown) => this.#fail(thrown instanceof Error ? thrown.message : String(thrown)),
    );
    return { port: port1, leave: () => this.#leave(onFailure) };
  }

  async #start(): Promise<Worker> {
    const worker = await this.create();
    worker.onerror = (event) => this.#fail(event.message || 'The worker script could not be loaded.');
    worker.onmessageerror = () => this.#fail('A message from the worker could not be read.');
    return worker;
  }

  /** Whoever enters after a failure tries with a new worker. */
  #fail(reason: string): void {
    this.#end();
    for (const tell of this.#seats) tell(this.explain(reason));
  }

  #leave(seat: (reason: string) => void): void {
    this.#seats.delete(seat);
    if (!this.#seats.size) this.#end();
  }

  #end(): void {
    this.#worker?.then(
      (worker) => worker.terminate(),
      () => {}, // It never was.
    );
    this.#worker = null;
  }
}
