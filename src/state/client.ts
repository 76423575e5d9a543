/** The worker as the page sees it: Comlink for commands, one port for the stream. Only this file knows of Comlink. */
import type { Remote } from 'comlink';
import type { Limits } from '../compare/limits.ts';
import type { Intervention } from '../engine/interventions.ts';
import type { TracePiece } from '../engine/traceColumns.ts';
import type {
  BlockComparison,
  DomainLoad,
  DomainLoss,
  GenerateRequest,
  LayerRequest,
  LayerTiming,
  MoeService,
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
} from '../worker/protocol.ts';
import type { Workshop } from './workshop.ts';

type Count = (done: number, total: number) => void;

export interface Client {
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened>;
  cancelOpen(): void;
  generate(request: GenerateRequest): Promise<RunEnd>;
  cancel(): void;
  reset(): Promise<void>;
  setInterventions(interventions: readonly Intervention[]): Promise<void>;
  compareBlock(tokens: number, onProgress: Count): Promise<BlockComparison>;
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
  probe(request: ProbeRequest): Promise<Probe>;
  publishedLayer(request: LayerRequest, onProgress: Count): Promise<LayerTiming>;
  limits(onProgress: Count): Promise<Limits>;
  sweep(request: SweepRequest, onProgress: Count): Promise<Sweep>;
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
  /** The worker itself could not start, or died. */
  onFailure(listener: (reason: string) => void): void;
  /** Gives back what the engine holds; no command comes after it. */
  close(): Promise<void>;
}

interface Engine {
  readonly service: Remote<MoeService>;
  /** Lets the worker call a function of the page. */
  readonly lend: <T extends object>(callback: T) => T;
  readonly leave: () => void;
}

/**
 * A client with an engine of its own in the workshop's worker, which it enters with its first command. Comlink, too, comes
 * only then: the first paint does without.
 */
export function connectWorker(workshop: Workshop): Client {
  let started: Promise<Engine> | null = null;
  let onFailure: (reason: string) => void = () => {};
  let failed = false;
  const { port1, port2 } = new MessageChannel();
  const start = async (): Promise<Engine> => {
    const { proxy, transfer, wrap } = await import('comlink');
    const seat = workshop.enter((reason) => {
      failed = true;
      onFailure(reason);
    });
    const service = wrap<MoeService>(seat.port);
    // Messages wait in the port until onmessage is set.
    void service.connect(transfer(port2, [port2]));
    // What is timed in a hidden tab is thrown away and taken again.
    const tell = () => void service.setHidden(document.hidden);
    document.addEventListener('visibilitychange', tell);
    tell();
    const leave = () => {
      document.removeEventListener('visibilitychange', tell);
      seat.leave();
    };
    return { service, lend: proxy, leave };
  };
  const ask = async <T>(job: (engine: Engine) => T): Promise<Awaited<T>> => {
    started ??= start();
    return await job(await started);
  };
  return {
    open: (request, onProgress) => ask(({ service, lend }) => service.open(request, lend(onProgress))),
    cancelOpen: () => void ask(({ service }) => service.cancelOpen()),
    generate: (request) => ask(({ service }) => service.generate(request)),
    cancel: () => void ask(({ service }) => service.cancel()),
    reset: () => ask(({ service }) => service.reset()),
    setInterventions: (interventions) => ask(({ service }) => service.setInterventions(interventions)),
    compareBlock: (tokens, onProgress) => ask(({ service, lend }) => service.compareBlock(tokens, lend(onProgress))),
    searchTuning: (onProgress) => ask(({ service, lend }) => service.searchTuning(lend(onProgress))),
    forgetTuning: () => ask(({ service }) => service.forgetTuning()),
    domainLoads: (url, onProgress) => ask(({ service, lend }) => service.domainLoads(url, lend(onProgress))),
    effectOnLoss: (url, interventions, domain, onProgress) =>
      ask(({ service, lend }) => service.effectOnLoss(url, interventions, domain, lend(onProgress))),
    readQuality: (request, onProgress) => ask(({ service, lend }) => service.readQuality(request, lend(onProgress))),
    probe: (request) => ask(({ service }) => service.probe(request)),
    publishedLayer: (request, onProgress) =>
      ask(({ service, lend }) => service.publishedLayer(request, lend(onProgress))),
    limits: (onProgress) => ask(({ service, lend }) => service.limits(lend(onProgress))),
    sweep: (request, onProgress) => ask(({ service, lend }) => service.sweep(request, lend(onProgress))),
    inspect: (position) => ask(({ service }) => service.inspect(position)),
    runnerUp: (position, layer) => ask(({ service }) => service.runnerUp(position, layer)),
    effectOnText: (interventions, onProgress) =>
      ask(({ service, lend }) => service.effectOnText(interventions, lend(onProgress))),
    rewrite: (request, onProgress) => ask(({ service, lend }) => service.rewrite(request, lend(onProgress))),
    readTrace: (from, onProgress) => ask(({ service, lend }) => service.readTrace(from, lend(onProgress))),
    tracePiece: (number, from, to) => ask(({ service }) => service.tracePiece(number, from, to)),
    dropTrace: () => void ask(({ service }) => service.dropTrace()),
    cancelMeasurement: () => void ask(({ service }) => service.cancelMeasurement()),
    loseDevice: () => void ask(({ service }) => service.loseDevice()),
    onMessage: (listener) => {
      port1.onmessage = (event: MessageEvent<StreamMessage>) => listener(event.data);
    },
    acknowledge: (run) => port1.postMessage({ type: 'ack', run } satisfies StreamAck),
    onFailure: (listener) => {
      onFailure = listener;
    },
    close: async () => {
      port1.close();
      if (!started) return;
      const { service, leave } = await started;
      // A worker that is gone answers nothing.
      if (!failed) await service.close();
      leave();
    },
  };
}
