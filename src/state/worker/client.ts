/** The worker as the page sees it. */
import type { Limits } from '../../compare/limits.ts';
import type { Intervention } from '../../engine/interventions.ts';
import type { TracePiece } from '../../engine/traceColumns.ts';
import type {
  AbreastLane,
  AbreastProgress,
  AbreastRequest,
  DomainLoad,
  DomainLoss,
  Elsewhere,
  Fault,
  Flips,
  GenerateRequest,
  KeptCopy,
  KeptText,
  LayerRequest,
  LayerTiming,
  LineRequest,
  LineRun,
  MemoryTrial,
  Opened,
  OpenRequest,
  PositionInspection,
  Probe,
  ProbeRequest,
  Progress,
  Quality,
  QualityProgress,
  QualityRequest,
  ReadTrace,
  Residency,
  RewriteRequest,
  Rewritten,
  RunEnd,
  RunnerUp,
  StreamAck,
  StreamMessage,
  Sweep,
  SweepRequest,
  TextEffect,
  TuningSearch,
} from '../../worker/protocol.ts';
import type { EngineWorker } from './engine-worker.ts';
import type { Line } from './line.ts';

type Count = (done: number, total: number) => void;

export interface Client {
  /** The worker's place, for what needs another service of it. */
  readonly engineWorker: () => Promise<EngineWorker>;
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened>;
  cancelOpen(): void;
  generate(request: GenerateRequest): Promise<RunEnd>;
  residency(): Promise<Residency | null>;
  hold(experts: number | null, prefetch?: boolean): Promise<void>;
  cancel(): void;
  reset(): Promise<void>;
  takeText(text: KeptText): Promise<void>;
  setInterventions(interventions: readonly Intervention[]): Promise<void>;
  searchTuning(onProgress: Count): Promise<TuningSearch>;
  forgetTuning(): Promise<void>;
  domainLoads(heldoutUrl: string, onProgress: Count): Promise<DomainLoad[]>;
  effectOnLoss(
    heldoutUrl: string,
    interventions: readonly Intervention[],
    domain: string | null,
    onProgress: Count,
  ): Promise<DomainLoss[]>;
  readQuality(request: QualityRequest, onProgress: (progress: QualityProgress) => void): Promise<Quality>;
  writeAbreast(
    request: AbreastRequest,
    onProgress: (progress: AbreastProgress) => void,
  ): Promise<readonly AbreastLane[]>;
  look(url: string): Promise<Elsewhere>;
  kept(): Promise<KeptCopy[]>;
  forget(url: string): Promise<void>;
  tryMemory(bytes: number): Promise<MemoryTrial>;
  probe(request: ProbeRequest): Promise<Probe>;
  publishedLayer(request: LayerRequest, onProgress: Count): Promise<LayerTiming>;
  limits(onProgress: Count): Promise<Limits>;
  sweep(request: SweepRequest, onProgress: Count): Promise<Sweep>;
  flips(heldoutUrl: string, onProgress: Count): Promise<Flips>;
  overLine(request: LineRequest, onProgress: (runs: readonly LineRun[]) => void): Promise<LineRun[]>;
  inspect(position: number): Promise<PositionInspection>;
  runnerUp(position: number, layer: number | null): Promise<RunnerUp>;
  effectOnText(interventions: readonly Intervention[], onProgress: Count): Promise<TextEffect>;
  rewrite(request: RewriteRequest, onProgress: Count): Promise<Rewritten>;
  readTrace(from: Blob | string, onProgress: (done: number) => void): Promise<ReadTrace>;
  tracePiece(number: number, from: number, to: number): Promise<TracePiece>;
  dropTrace(): void;
  cancelMeasurement(): void;
  loseDevice(): void;
  onMessage(listener: (message: StreamMessage) => void): void;
  acknowledge(run: number): void;
  /** The worker itself could not start, or died: every command in flight fails with this. The next one starts another. */
  onFailure(listener: (fault: Fault) => void): void;
  /** The worker was started a while ago and has not said a word. */
  onSilence(listener: () => void): void;
  /** Ends a worker that has not said a word. */
  giveUp(): void;
  /** Gives back what the engine holds; no command comes after it. */
  close(): Promise<void>;
}

/**
 * A client with an engine of its own in the engineWorker's worker, which it enters with its first command. The engineWorker and the
 * line to it come only then: the first paint does without.
 */
export function connectWorker(engineWorker: () => Promise<EngineWorker>): Client {
  let started: Promise<Line> | null = null;
  let onFailure: (fault: Fault) => void = () => {};
  let onSilence = () => {};
  let onMessage: (message: StreamMessage) => void = () => {};
  let stream: MessagePort | null = null;
  let giveUp = () => {};
  const pending = new Set<(fault: Fault) => void>();
  /** The worker has done something. */
  let worked = false;

  const fail = (reason: string) => {
    const message = worked
      ? 'The engine has stopped. The text so far is kept.'
      : 'The engine could not be started, so this page can only play its recording.';
    const fault: Fault = { code: 'worker', message, hint: reason };
    const line = started;
    started = null;
    worked = false;
    stream?.close();
    // What it still lends is given back; there is nobody left to be told.
    line?.then(({ leave }) => leave()).catch(() => {});
    for (const reject of [...pending]) reject(fault);
    onFailure(fault);
  };

  const start = async (): Promise<Line> => {
    const [{ openLine }, place] = await Promise.all([import('./line.ts'), engineWorker()]);
    giveUp = () => place.giveUp();
    const line = openLine(place, { failed: fail, silent: () => onSilence() }, (message) => onMessage(message));
    stream = line.stream;
    return line;
  };

  /** A dead worker answers nothing: its failure is the answer. */
  const ask = <T>(job: (line: Line) => T): Promise<Awaited<T>> =>
    new Promise((resolve, reject) => {
      pending.add(reject);
      started ??= start().catch((thrown) => {
        fail(thrown instanceof Error ? thrown.message : String(thrown));
        throw thrown;
      });
      started
        .then(async (line) => {
          let over = false;
          // News has ports of its own: the last of it may come after the answer, and tells of what is over.
          const lend: Line['lend'] = (callback) =>
            line.lend((...news: Parameters<typeof callback>) => void (over || callback(...news)));
          try {
            const answer = await job({ ...line, lend });
            worked = true;
            resolve(answer);
          } finally {
            over = true;
          }
        })
        .catch(reject)
        .finally(() => pending.delete(reject));
    });
  /** A command that nobody waits for, and that makes no sense to a worker that has to be started for it. */
  const tell = (job: (line: Line) => unknown): void => {
    if (started) void ask(job).catch(() => {});
  };
  return {
    engineWorker,
    open: (request, onProgress) => ask(({ service, lend }) => service.open(request, lend(onProgress))),
    cancelOpen: () => tell(({ service }) => service.cancelOpen()),
    generate: (request) => ask(({ service }) => service.generate(request)),
    residency: () => ask(({ service }) => service.residency()),
    hold: (experts, prefetch) => ask(({ service }) => service.hold(experts, prefetch)),
    cancel: () => tell(({ service }) => service.cancel()),
    reset: () => ask(({ service }) => service.reset()),
    takeText: (text) => ask(({ service }) => service.takeText(text)),
    setInterventions: (interventions) => ask(({ service }) => service.setInterventions(interventions)),
    searchTuning: (onProgress) => ask(({ service, lend }) => service.searchTuning(lend(onProgress))),
    forgetTuning: () => ask(({ service }) => service.forgetTuning()),
    domainLoads: (url, onProgress) => ask(({ service, lend }) => service.domainLoads(url, lend(onProgress))),
    effectOnLoss: (url, interventions, domain, onProgress) =>
      ask(({ service, lend }) => service.effectOnLoss(url, interventions, domain, lend(onProgress))),
    readQuality: (request, onProgress) => ask(({ service, lend }) => service.readQuality(request, lend(onProgress))),
    writeAbreast: (request, onProgress) => ask(({ service, lend }) => service.writeAbreast(request, lend(onProgress))),
    look: (url) => ask(({ service }) => service.look(url)),
    kept: () => ask(({ service }) => service.kept()),
    forget: (url) => ask(({ service }) => service.forget(url)),
    tryMemory: (bytes) => ask(({ service }) => service.tryMemory(bytes)),
    probe: (request) => ask(({ service }) => service.probe(request)),
    publishedLayer: (request, onProgress) =>
      ask(({ service, lend }) => service.publishedLayer(request, lend(onProgress))),
    limits: (onProgress) => ask(({ service, lend }) => service.limits(lend(onProgress))),
    sweep: (request, onProgress) => ask(({ service, lend }) => service.sweep(request, lend(onProgress))),
    flips: (url, onProgress) => ask(({ service, lend }) => service.flips(url, lend(onProgress))),
    overLine: (request, onProgress) => ask(({ service, lend }) => service.overLine(request, lend(onProgress))),
    inspect: (position) => ask(({ service }) => service.inspect(position)),
    runnerUp: (position, layer) => ask(({ service }) => service.runnerUp(position, layer)),
    effectOnText: (interventions, onProgress) =>
      ask(({ service, lend }) => service.effectOnText(interventions, lend(onProgress))),
    rewrite: (request, onProgress) => ask(({ service, lend }) => service.rewrite(request, lend(onProgress))),
    readTrace: (from, onProgress) => ask(({ service, lend }) => service.readTrace(from, lend(onProgress))),
    tracePiece: (number, from, to) => ask(({ service }) => service.tracePiece(number, from, to)),
    dropTrace: () => tell(({ service }) => service.dropTrace()),
    cancelMeasurement: () => tell(({ service }) => service.cancelMeasurement()),
    loseDevice: () => tell(({ service }) => service.loseDevice()),
    onMessage: (listener) => {
      onMessage = listener;
    },
    acknowledge: (run) => stream?.postMessage({ type: 'ack', run } satisfies StreamAck),
    onFailure: (listener) => {
      onFailure = listener;
    },
    onSilence: (listener) => {
      onSilence = listener;
    },
    giveUp: () => giveUp(),
    close: async () => {
      stream?.close();
      if (!started) return;
      const { leave } = await started;
      await ask(({ service }) => service.close()).catch(() => {}); // A worker that dies of it is gone, too.
      leave();
    },
  };
}
