/** The worker's one service: a model that is open, a text that grows, measurements on the side. One job at a time. */
import { compareBlock } from '../compare/block.ts';
import { chooseDomains, type Heldout, type Reading, readDomains, toLoads, toLosses } from '../compare/heldout.ts';
import { searchTuning, type TuningSearch } from '../compare/tune.ts';
import type { BlockComparison, DomainLoad, DomainLoss } from '../compare/types.ts';
import { type Intervention, planRouting } from '../engine/interventions.ts';
import { type Engine, UserError } from '../engine/types.ts';
import { WebGpuEngine } from '../engine/webgpu/engine.ts';
import type { Tuning } from '../gpu/types.ts';
import { Comparing } from './comparing.ts';
import { CANCELLED, toFault } from './faults.ts';
import { Generation, isLoss } from './generation.ts';
import { fetchHeldout } from './heldout.ts';
import { open, openOnCpu, type Running, reopen } from './opening.ts';
import type { GenerateRequest, MoeService, Opened, OpenRequest, Progress, QualityModel, RunEnd } from './protocol.ts';
import { TokenStream } from './stream.ts';
import type { RunningText } from './text.ts';
import type { Tuned } from './tuned.ts';

type OnCount = (done: number, total: number) => void;

const sequencesOf = ({ domains }: Heldout) => domains.reduce((sum, { ids }) => sum + ids.length, 0);

export class Service implements MoeService {
  readonly #api: GPU | undefined;
  readonly #comparing = new Comparing({
    measure: (job) => this.#measure(job),
    onGpu: (what) => this.#onGpu(what),
    freely: (job) => this.#intervened([], job),
    heldout: fetchHeldout,
    beside: (model, signal) => this.#beside(model, signal),
  });
  #stream: TokenStream | null = null;
  #running: Running | null = null;
  #text: RunningText | null = null;
  #interventions: readonly Intervention[] = [];
  /** Readings of held-out text without interventions, by URL and domain. */
  readonly #baseline = new Map<string, Reading>();
  #opening = new AbortController();
  #run = new AbortController();
  #measuring = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();
  /** Held-out text is being read, with interventions of its own. */
  #reading = false;
  /** What searches have found, here and on earlier visits. */
  #tuned: Tuned = {};
  /** Devices lost since the model was opened. */
  #losses = 0;

  /** @param api `navigator.gpu`, or what stands in for it. */
  constructor(api: GPU | undefined) {
    this.#api = api;
  }

  connect(port: MessagePort): void {
    this.#stream = new TokenStream(port);
  }

  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened> {
    this.#opening.abort(CANCELLED);
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    return faultsOf(async () => {
      // The model that runs stays until the new one stands: a bad file costs nothing.
      const running = await open(this.#api, request, onProgress, signal);
      if (!signal.aborted) this.#run.abort(CANCELLED);
      return this.#alone(async () => {
        if (signal.aborted) {
          // Cancelled, or overtaken by a later wish, while it was being built.
          running.engine.destroy();
          throw CANCELLED;
        }
        this.#running?.engine.destroy();
        this.#running = running;
        this.#tuned = request.tuned ?? {};
        this.#losses = 0;
        this.#text = null;
        this.#baseline.clear();
        this.#interventions = [];
        return running.opened;
      });
    });
  }

  cancelOpen(): void {
    this.#opening.abort(CANCELLED);
  }

  generate(request: GenerateRequest): Promise<RunEnd> {
    this.#run.abort(CANCELLED);
    this.#run = new AbortController();
    const { signal } = this.#run;
    return this.#alone(async () => {
      const generation = new Generation({
        running: this.#open(),
        stream: this.#connected(),
        text: this.#text,
        rebuild: (cause) => this.#rebuild(cause),
        onText: (text) => {
          this.#text = text;
        },
      });
      return generation.run(request, signal);
    });
  }

  cancel(): void {
    this.#run.abort(CANCELLED);
  }

  reset(): Promise<void> {
    this.#run.abort(CANCELLED);
    return this.#alone(async () => {
      this.#text = null;
      this.#running?.engine.truncate(0);
    });
  }

  /** Takes hold at the next pass, in the middle of a run too. */
  async setInterventions(interventions: readonly Intervention[]): Promise<void> {
    await faultsOf(async () => {
      this.#check(interventions);
      // A reading of held-out text sets its own; when it ends it puts these back.
      if (!this.#reading) this.#apply(interventions);
      this.#interventions = interventions;
    });
  }

  compareBlock(tokens: number, onProgress: (done: number, total: number) => void): Promise<BlockComparison> {
    return this.#measure(async (signal) => {
      return compareBlock(this.#onGpu('comparison'), tokens, onProgress, signal);
    });
  }

  limits: Comparing['limits'] = (...asked) => this.#comparing.limits(...asked);
  sweep: Comparing['sweep'] = (...asked) => this.#comparing.sweep(...asked);
  readQuality: Comparing['readQuality'] = (...asked) => this.#comparing.readQuality(...asked);
  publishedModels: Comparing['publishedModels'] = () => this.#comparing.publishedModels();
  setHidden: Comparing['setHidden'] = (hidden) => this.#comparing.setHidden(hidden);

  searchTuning(onProgress: (done: number, total: number) => void): Promise<TuningSearch> {
    return this.#measure(async (signal) => {
      const search = await searchTuning(this.#onGpu('search'), onProgress, signal);
      await this.#retune(search.tuning);
      return search;
    });
  }

  forgetTuning(): Promise<void> {
    return this.#alone(() => this.#retune(null));
  }

  domainLoads(url: string, onProgress: (done: number, total: number) => void): Promise<DomainLoad[]> {
    return this.#measure(async (signal) => {
      const heldout = await fetchHeldout(url, signal);
      return toLoads(await this.#readBaseline(url, heldout, onProgress, signal));
    });
  }

  effectOnLoss(
    url: string,
    interventions: readonly Intervention[],
    domain: string | null,
    onProgress: (done: number, total: number) => void,
  ): Promise<DomainLoss[]> {
    return this.#measure(async (signal) => {
      this.#check(interventions);
      const heldout = chooseDomains(await fetchHeldout(url, signal), domain);
      const fresh = this.#unread(url, heldout);
      const halfway = sequencesOf(fresh);
      const total = halfway + sequencesOf(heldout);
      const before = await this.#readBaseline(url, heldout, (done) => onProgress(done, total), signal);
      const after = await this.#read(heldout, interventions, (done) => onProgress(halfway + done, total), signal);
      return toLosses(before, after);
    });
  }

  cancelMeasurement(): void {
    this.#measuring.abort(CANCELLED);
  }

  loseDevice(): void {
    if (this.#running?.engine instanceof WebGpuEngine) this.#running.engine.gpu.device.destroy();
  }

  /** What of the held-out text has not been read yet without interventions. */
  #unread(url: string, { domains }: Heldout): Heldout {
    return { domains: domains.filter(({ name }) => !this.#baseline.has(`${url} ${name}`)) };
  }

  /** The held-out text without interventions; read once for a model. */
  async #readBaseline(url: string, heldout: Heldout, onProgress: OnCount, signal: AbortSignal): Promise<Reading[]> {
    const fresh = await this.#read(this.#unread(url, heldout), [], onProgress, signal);
    for (const reading of fresh) this.#baseline.set(`${url} ${reading.domain}`, reading);
    return heldout.domains.flatMap(({ name }) => this.#baseline.get(`${url} ${name}`) ?? []);
  }

  #read(
    heldout: Heldout,
    interventions: readonly Intervention[],
    onProgress: OnCount,
    signal: AbortSignal,
  ): Promise<Reading[]> {
    return this.#intervened(interventions, (engine) => readDomains(engine, heldout, onProgress, signal));
  }

  /** Does the job under these interventions, then puts the text's own back. */
  async #intervened<T>(interventions: readonly Intervention[], job: (engine: Engine) => Promise<T>): Promise<T> {
    this.#reading = true;
    try {
      this.#apply(interventions);
      return await job(this.#open().engine);
    } finally {
      this.#reading = false;
      this.#apply(this.#interventions);
    }
  }

  /** @throws UserError bad-input */
  #check(interventions: readonly Intervention[]): void {
    planRouting(this.#open().engine.model.config, interventions);
  }

  #apply(interventions: readonly Intervention[]): void {
    const { engine } = this.#open();
    engine.setRouting(planRouting(engine.model.config, interventions));
  }

  #open(): Running {
    if (!this.#running) throw new UserError('bad-input', 'No model is open yet.', 'Wait for the model to arrive.');
    return this.#running;
  }

  #connected(): TokenStream {
    if (!this.#stream) throw new Error('connect() comes before generate()');
    return this.#stream;
  }

  #measure<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#measuring.abort(CANCELLED);
    this.#measuring = new AbortController();
    const { signal } = this.#measuring;
    return this.#alone(async () => {
      signal.throwIfAborted();
      try {
        return await job(signal);
      } catch (error) {
        if (!isLoss(error)) throw error;
        await this.#rebuild(error);
        return job(signal);
      }
    });
  }

  /** A lost device costs a pause, not the text: a new device the first time, then the CPU. */
  async #rebuild(cause: UserError): Promise<Running> {
    const { engine } = this.#open();
    const again = cause.code === 'device-lost' && ++this.#losses === 1;
    engine.destroy();
    this.#running = again
      ? await reopen(this.#api, engine.model, this.#tuned)
      : await openOnCpu(engine.model, toFault(cause));
    this.#apply(this.#interventions);
    return this.#running;
  }

  /**
   * Goes on with this tuning (null: the default) on a new device, which will read the text so far again.
   * @throws UserError why there is none; then nothing has changed.
   */
  async #retune(tuning: Partial<Tuning> | null): Promise<void> {
    const { engine, opened } = this.#open();
    if (!opened.tuningKey) return;
    const { [opened.tuningKey]: _, ...others } = this.#tuned;
    const tuned = tuning ? { ...others, [opened.tuningKey]: tuning } : others;
    const fresh = await reopen(this.#api, engine.model, tuned);
    if (!(fresh.engine instanceof WebGpuEngine)) {
      throw fresh.opened.fallbackReason ?? new UserError('no-webgpu', 'There is no second device to go on with.');
    }
    engine.destroy();
    this.#tuned = tuned;
    this.#running = fresh;
    this.#apply(this.#interventions);
  }

  async #beside({ url, bytes, sha256 }: QualityModel, signal: AbortSignal): Promise<Engine> {
    const device = this.#open().engine instanceof WebGpuEngine ? 'auto' : 'cpu';
    const { engine } = await open(this.#api, { url, bytes, sha256, device, tuned: this.#tuned }, () => {}, signal);
    return engine;
  }

  /** @throws UserError no-webgpu */
  #onGpu(what: string): WebGpuEngine {
    const { engine } = this.#open();
    if (engine instanceof WebGpuEngine) return engine;
    throw new UserError('no-webgpu', `The ${what} times GPU kernels, and this page runs on the CPU.`);
  }

  /** Jobs take turns: they share one KV cache and one GPU. */
  #alone<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => faultsOf(job));
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

/** Whatever goes wrong inside reaches the page as a Fault. */
async function faultsOf<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (error) {
    const fault = toFault(error);
    if (fault.code === 'unexpected') console.error(error);
    throw fault;
  }
}
