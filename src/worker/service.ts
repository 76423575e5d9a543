/** The worker's one service: a model that is open, a text that grows, measurements on the side. One job at a time. */
import { searchTuning, type TuningSearch } from '../compare/tune.ts';
import type { Intervention } from '../engine/interventions.ts';
import { type Engine, UserError } from '../engine/types.ts';
import { WebGpuEngine } from '../engine/webgpu/engine.ts';
import type { Tuning } from '../gpu/types.ts';
import { Comparing } from './comparing.ts';
import { Desk } from './desk.ts';
import * as effects from './effects.ts';
import * as elsewhere from './elsewhere.ts';
import { CANCELLED, faultsOf, toFault } from './faults.ts';
import { Generation, isLoss } from './generation.ts';
import { fetchHeldout } from './heldout.ts';
import { BACK, Losses } from './losses.ts';
import { open, openBeside, openOnCpu, type Running, reopen } from './opening.ts';
import type {
  GenerateRequest,
  KeptText,
  MoeService,
  Opened,
  OpenRequest,
  PositionInspection,
  Progress,
  Residency,
  RewriteRequest,
  Rewritten,
  RunEnd,
  RunnerUp,
  TextEffect,
} from './protocol.ts';
import { TraceReading } from './reading.ts';
import { Readings } from './readings.ts';
import { TokenStream } from './stream.ts';
import type { Tuned } from './tuned.ts';

/** Of a notice that belongs to no text. */
const NO_RUN = -1;

export class Service implements MoeService {
  readonly #api: GPU | undefined;
  readonly #comparing = new Comparing({
    measure: (job) => this.#measure(job),
    onGpu: (what) => this.#onGpu(what),
    freely: (job) => this.#desk.intervened([], job),
    heldout: fetchHeldout,
    recover: async (cause) => void (await this.#rebuild(cause, true)),
    beside: (model, onBytes, signal) =>
      openBeside(this.#api, this.#open(), { ...model, tuned: this.#tuned }, onBytes, signal),
  });
  readonly #readings = new Readings({
    measure: (job) => this.#measure(job),
    intervened: (interventions, job) => this.#desk.intervened(interventions, job),
  });
  readonly #traces = new TraceReading();
  readonly #desk = new Desk(() => this.#engine());
  #stream: TokenStream | null = null;
  #running: Running | null = null;
  #opening = new AbortController();
  #run = new AbortController();
  #measuring = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();
  /** What searches have found, here and on earlier visits. */
  #tuned: Tuned = {};
  #losses = new Losses();

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
        this.#losses = new Losses();
        this.#readings.clear();
        this.#desk.clear();
        return running.opened;
      });
    });
  }

  cancelOpen = (): void => this.#opening.abort(CANCELLED);

  generate(request: GenerateRequest): Promise<RunEnd> {
    this.#run.abort(CANCELLED);
    this.#run = new AbortController();
    const { signal } = this.#run;
    return this.#alone(async () => {
      if (this.#losses.due) await this.#comeBack(request.run);
      const generation = new Generation({
        running: this.#open(),
        stream: this.#connected(),
        text: this.#desk.text,
        rebuild: (cause) => this.#rebuild(cause),
        told: (cause, engine) => this.#losses.told(cause, engine),
        onText: (text) => this.#desk.replace(text),
        restore: (text) => this.#desk.restore(text),
        listAt: (revision) => this.#desk.rules.listAt(revision),
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
      this.#desk.replace(null);
      this.#running?.engine.truncate(0);
    });
  }

  takeText(text: KeptText): Promise<void> {
    this.#run.abort(CANCELLED);
    return this.#alone(async () => this.#desk.take(text));
  }

  residency(): Promise<Residency | null> {
    return faultsOf(async () => {
      const { residency, model } = this.#engine();
      return residency && { ...residency.counts, held: model.weights.layers.map((_, layer) => residency.held(layer)) };
    });
  }

  /** Takes hold at the next pass, in the middle of a run too. */
  async setInterventions(interventions: readonly Intervention[]): Promise<void> {
    await faultsOf(async () => this.#desk.rules.set(this.#open().engine, interventions));
  }

  limits: Comparing['limits'] = (...asked) => this.#comparing.limits(...asked);
  sweep: Comparing['sweep'] = (...asked) => this.#comparing.sweep(...asked);
  readQuality: Comparing['readQuality'] = (...asked) => this.#comparing.readQuality(...asked);
  probe: Comparing['probe'] = (...asked) => this.#comparing.probe(...asked);
  publishedLayer: Comparing['publishedLayer'] = (...asked) => this.#comparing.publishedLayer(...asked);
  setHidden: Comparing['setHidden'] = (hidden) => this.#comparing.setHidden(hidden);

  searchTuning(onProgress: (done: number, total: number) => void): Promise<TuningSearch> {
    return this.#measure(async (signal) => {
      const search = await searchTuning(this.#onGpu('search'), onProgress, signal);
      await this.#retune(search.tuning);
      return search;
    });
  }

  look = (url: string) => faultsOf(() => elsewhere.look(url));
  kept = () => faultsOf(elsewhere.kept);
  forget = (url: string) => faultsOf(() => elsewhere.forget(url));
  tryMemory = (bytes: number) => this.#measure(() => elsewhere.trial(this.#onGpu('trial'), bytes));

  forgetTuning(): Promise<void> {
    return this.#alone(() => this.#retune(null));
  }

  domainLoads: Readings['domainLoads'] = (...asked) => this.#readings.domainLoads(...asked);
  effectOnLoss: Readings['effectOnLoss'] = (...asked) => this.#readings.effectOnLoss(...asked);

  inspect(position: number): Promise<PositionInspection> {
    return this.#alone(() => this.#surely(() => this.#desk.onText((site) => effects.inspect(site, position))));
  }

  runnerUp(position: number, layer: number | null): Promise<RunnerUp> {
    return this.#alone(() => this.#surely(() => this.#desk.onText((site) => effects.runnerUp(site, position, layer))));
  }

  effectOnText(interventions: readonly Intervention[], onProgress: effects.OnCount): Promise<TextEffect> {
    return this.#measure((signal) =>
      this.#desk.onText((site) => effects.effectOnText(site, interventions, onProgress, signal)),
    );
  }

  rewrite(request: RewriteRequest, onProgress: effects.OnCount): Promise<Rewritten> {
    return this.#measure((signal) => this.#desk.onText((site) => effects.rewrite(site, request, onProgress, signal)));
  }

  readTrace: TraceReading['read'] = (...asked) => this.#traces.read(...asked);
  tracePiece: TraceReading['piece'] = (...asked) => this.#traces.piece(...asked);
  dropTrace = (): void => this.#traces.drop();
  cancelMeasurement = (): void => this.#measuring.abort(CANCELLED);

  loseDevice(): void {
    if (this.#running?.engine instanceof WebGpuEngine) this.#running.engine.gpu.device.destroy();
  }

  close(): Promise<void> {
    for (const job of [this.#opening, this.#run, this.#measuring]) job.abort(CANCELLED);
    return this.#alone(async () => this.#running?.engine.destroy());
  }

  #engine = (): Engine => this.#open().engine;

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
      return this.#surely(() => job(signal));
    });
  }

  /** A job that a lost device costs only time: it is done again on what replaces it, once. */
  async #surely<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (error) {
      if (!isLoss(error)) throw error;
      const { engine } = await this.#rebuild(error);
      const fault = this.#losses.told(error, engine);
      this.#stream?.post({ type: 'notice', run: NO_RUN, fault, info: engine.info });
      return job();
    }
  }

  /**
   * A lost device costs a pause, not the text: a new device the first time, then the CPU until the GPU may be tried again.
   * @param ours a measurement asked too much of it: that does not count.
   */
  async #rebuild(cause: UserError, ours = false): Promise<Running> {
    const running = this.#open();
    const { engine } = running;
    const again = ours || (cause.code === 'device-lost' && this.#losses.note());
    engine.destroy();
    this.#running = again ? await reopen(this.#api, running, this.#tuned) : await openOnCpu(running, toFault(cause));
    this.#losses.away = cause.code === 'device-lost' && this.#running.engine.info.kind === 'cpu';
    this.#desk.rules.apply(this.#engine());
    return this.#running;
  }

  /** From the CPU to a new device, if there is one. */
  async #comeBack(run: number): Promise<void> {
    const { engine } = this.#open();
    const fresh = await reopen(this.#api, this.#open(), this.#tuned);
    const { info } = fresh.engine;
    this.#losses.away = info.kind === 'cpu';
    (this.#losses.away ? fresh.engine : engine).destroy();
    if (this.#losses.away) return void this.#losses.note();
    this.#running = fresh;
    this.#desk.rules.apply(this.#engine());
    this.#stream?.post({ type: 'notice', run, fault: BACK, info });
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
    const fresh = await reopen(this.#api, this.#open(), tuned);
    if (!(fresh.engine instanceof WebGpuEngine)) {
      throw fresh.opened.fallbackReason ?? new UserError('no-webgpu', 'There is no second device to go on with.');
    }
    engine.destroy();
    this.#tuned = tuned;
    this.#running = fresh;
    this.#desk.rules.apply(this.#engine());
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
