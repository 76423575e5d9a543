/** The worker's one service: a model that is open, a text that grows, measurements on the side. One job at a time. */
import { searchTuning, type TuningSearch } from '../compare/tune.ts';
import type { Intervention } from '../engine/interventions.ts';
import { holdOn, residencyOf } from './arriving.ts';
import { Comparing } from './comparing.ts';
import { CurrentText } from './currentText.ts';
import * as effects from './effects.ts';
import * as elsewhere from './elsewhere.ts';
import { CANCELLED, faultsOf } from './faults.ts';
import { Generation } from './generation.ts';
import { fetchHeldout } from './heldout.ts';
import { EngineHost } from './host.ts';
import { retire } from './opening.ts';
import type {
  GenerateRequest,
  KeptText,
  MemoryTrial,
  MoeService,
  Opened,
  OpenRequest,
  PositionInspection,
  Progress,
  RewriteRequest,
  Rewritten,
  RunEnd,
  RunnerUp,
  TextEffect,
} from './protocol.ts';
import { TraceReading } from './reading.ts';
import { Readings } from './readings.ts';
import { TokenStream } from './stream.ts';

export class Service implements MoeService {
  private readonly host: EngineHost;
  private readonly comparing = new Comparing({
    measure: (job) => this.measure(job),
    time: (job) => this.time(job),
    onGpu: (what) => this.host.onGpu(what),
    freely: (job) => this.current.intervened([], job),
    heldout: fetchHeldout,
    recover: async (cause) => void (await this.host.rebuild(cause, true)),
    beside: (...asked) => this.host.beside(...asked),
  });
  private readonly readings = new Readings({
    measure: (job) => this.measure(job),
    intervened: (interventions, job) => this.current.intervened(interventions, job),
  });
  private readonly traces = new TraceReading();
  private readonly current = new CurrentText(() => this.host.engine);
  private stream: TokenStream | null = null;
  private generation: Generation | null = null;
  private opening = new AbortController();
  private run = new AbortController();
  private measuring = new AbortController();
  private queue: Promise<unknown> = Promise.resolve();

  /** @param api `navigator.gpu`, or what stands in for it. */
  constructor(api: GPU | undefined) {
    this.host = new EngineHost(
      api,
      (engine) => this.current.rules.apply(engine),
      (run, fault, info) => this.stream?.post({ type: 'notice', run, fault, info }),
    );
  }

  connect(port: MessagePort): void {
    this.stream = new TokenStream(port);
  }

  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened> {
    this.opening.abort(CANCELLED);
    this.opening = new AbortController();
    const { signal } = this.opening;
    return faultsOf(async () => {
      // The model that runs stays until the new one stands: a bad file costs nothing.
      const running = await this.host.build(request, onProgress, signal);
      if (!signal.aborted) this.run.abort(CANCELLED);
      return this.alone(async () => {
        if (signal.aborted) {
          // Cancelled, or overtaken by a later wish, while it was being built.
          retire(running);
          throw CANCELLED;
        }
        this.host.replace(running, request.tuned ?? {});
        this.readings.clear();
        this.current.clear();
        return running.opened;
      });
    });
  }

  cancelOpen = (): void => this.opening.abort(CANCELLED);

  generate(request: GenerateRequest): Promise<RunEnd> {
    this.run.abort(CANCELLED);
    this.run = new AbortController();
    const { signal } = this.run;
    return this.alone(async () => {
      await this.host.comeBack(request.run);
      this.generation = new Generation({
        running: this.host.running,
        stream: this.connected(),
        text: this.current.text,
        rebuild: (cause) => this.host.rebuild(cause),
        told: (cause, engine) => this.host.told(cause, engine),
        onText: (text) => this.current.replace(text),
        restore: (text) => this.current.restore(text),
        listAt: (revision) => this.current.rules.listAt(revision),
      });
      return this.generation.run(request, signal).finally(() => {
        this.generation = null;
      });
    });
  }

  cancel = (): void => this.run.abort(CANCELLED);

  reset(): Promise<void> {
    this.run.abort(CANCELLED);
    return this.alone(async () => {
      this.current.replace(null);
      this.host.rewind();
    });
  }

  takeText(text: KeptText): Promise<void> {
    this.run.abort(CANCELLED);
    return this.alone(async () => this.current.take(text));
  }

  residency = () => faultsOf(async () => residencyOf(this.host.running));

  /** Limits are known at once; memory is tried where it disturbs nothing: no measurement ends for a question. */
  tryMemory(bytes: number): Promise<MemoryTrial> {
    const job = () => faultsOf(async () => elsewhere.trial(this.host.onGpu('trial'), bytes));
    return bytes ? this.between(job) : job();
  }

  hold(experts: number | null, prefetch = false): Promise<void> {
    const job = () =>
      faultsOf(async () => {
        await holdOn(this.host.onGpu('room for experts'), this.current.rules, experts, prefetch);
        this.host.take({ ...this.host.running, expertsOnGpu: experts ?? undefined });
      });
    return this.between(job);
  }

  /** Takes hold at the next pass, in the middle of a run too. */
  async setInterventions(interventions: readonly Intervention[]): Promise<void> {
    await faultsOf(async () => this.current.rules.set(this.host.engine, interventions));
    this.generation?.changed();
  }

  limits: Comparing['limits'] = (...asked) => this.comparing.limits(...asked);
  sweep: Comparing['sweep'] = (...asked) => this.comparing.sweep(...asked);
  readQuality: Comparing['readQuality'] = (...asked) => this.comparing.readQuality(...asked);
  writeAbreast: Comparing['writeAbreast'] = (...asked) => this.comparing.writeAbreast(...asked);
  probe: Comparing['probe'] = (...asked) => this.comparing.probe(...asked);
  publishedLayer: Comparing['publishedLayer'] = (...asked) => this.comparing.publishedLayer(...asked);
  flips: Comparing['flips'] = (...asked) => this.comparing.flips(...asked);
  overLine: Comparing['overLine'] = (...asked) => this.comparing.overLine(...asked);
  setHidden: Comparing['setHidden'] = (hidden) => this.comparing.setHidden(hidden);

  searchTuning(onProgress: (done: number, total: number) => void): Promise<TuningSearch> {
    return this.time(async (signal) => {
      const search = await searchTuning(this.host.onGpu('search'), onProgress, signal);
      await this.host.retune(search.tuning);
      return search;
    });
  }

  look = (url: string) => faultsOf(() => elsewhere.look(url));
  kept = () => faultsOf(elsewhere.kept);
  forget = (url: string) => faultsOf(() => elsewhere.forget(url));
  forgetTuning = () => this.alone(() => this.host.retune(null));

  domainLoads: Readings['domainLoads'] = (...asked) => this.readings.domainLoads(...asked);
  effectOnLoss: Readings['effectOnLoss'] = (...asked) => this.readings.effectOnLoss(...asked);

  inspect(position: number): Promise<PositionInspection> {
    return this.alone(() => this.host.surely(() => this.current.onText((site) => effects.inspect(site, position))));
  }

  runnerUp(position: number, layer: number | null): Promise<RunnerUp> {
    return this.alone(() =>
      this.host.surely(() => this.current.onText((site) => effects.runnerUp(site, position, layer))),
    );
  }

  effectOnText(interventions: readonly Intervention[], onProgress: effects.OnCount): Promise<TextEffect> {
    return this.measure((signal) =>
      this.current.onText((site) => effects.effectOnText(site, interventions, onProgress, signal)),
    );
  }

  rewrite(request: RewriteRequest, onProgress: effects.OnCount): Promise<Rewritten> {
    return this.measure((signal) => this.current.onText((site) => effects.rewrite(site, request, onProgress, signal)));
  }

  readTrace: TraceReading['read'] = (...asked) => this.traces.read(...asked);
  tracePiece: TraceReading['piece'] = (...asked) => this.traces.piece(...asked);
  dropTrace = (): void => this.traces.drop();
  cancelMeasurement = (): void => this.measuring.abort(CANCELLED);

  loseDevice(): void {
    this.host.loseDevice();
  }

  close(): Promise<void> {
    for (const job of [this.opening, this.run, this.measuring]) job.abort(CANCELLED);
    return this.alone(async () => this.host.retire());
  }

  private connected(): TokenStream {
    if (!this.stream) throw new Error('connect() comes before generate()');
    return this.stream;
  }

  private measure<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.measured((signal) => this.host.surely(() => job(signal)));
  }

  /** What fills the GPU to time it. */
  private time<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.measured((signal) => this.host.once(() => job(signal)));
  }

  private measured<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.measuring.abort(CANCELLED);
    this.measuring = new AbortController();
    const { signal } = this.measuring;
    return this.alone(async () => {
      signal.throwIfAborted();
      return job(signal);
    });
  }

  /** In the middle of a run between two tokens, else behind what is under way. */
  private between<T>(job: () => Promise<T>): Promise<T> {
    return this.generation?.between(job) ?? this.alone(job);
  }

  /** Jobs take turns: they share one KV cache and one GPU. */
  private alone<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(() => faultsOf(job));
    this.queue = turn.catch(() => {});
    return turn;
  }
}
