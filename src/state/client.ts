/** The worker as the page sees it: Comlink for commands, one port for the stream. Only this file knows of Comlink. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { Limits } from '../compare/limits.ts';
import type { Intervention } from '../engine/interventions.ts';
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
  cancelMeasurement(): void;
  loseDevice(): void;
  onMessage(listener: (message: StreamMessage) => void): void;
  acknowledge(run: number): void;
  /** The worker itself could not start, or died. */
  onFailure(listener: (reason: string) => void): void;
}

/** `create` is called with the first command: the worker's start must not compete with the page's first paint. */
export function connectWorker(create: () => Worker): Client {
  let started: Remote<MoeService> | null = null;
  let onFailure: (reason: string) => void = () => {};
  const { port1, port2 } = new MessageChannel();
  const service = () => {
    if (started) return started;
    const worker = create();
    worker.onerror = (event) => onFailure(event.message || 'The worker script could not be loaded.');
    worker.onmessageerror = () => onFailure('A message from the worker could not be read.');
    started = wrap<MoeService>(worker);
    // Messages wait in the port until onmessage is set.
    void started.connect(transfer(port2, [port2]));
    // What is timed in a hidden tab is thrown away and taken again.
    const tell = () => void started?.setHidden(document.hidden);
    document.addEventListener('visibilitychange', tell);
    tell();
    return started;
  };
  return {
    open: (request, onProgress) => service().open(request, proxy(onProgress)),
    cancelOpen: () => void service().cancelOpen(),
    generate: (request) => service().generate(request),
    cancel: () => void service().cancel(),
    reset: () => service().reset(),
    setInterventions: (interventions) => service().setInterventions(interventions),
    compareBlock: (tokens, onProgress) => service().compareBlock(tokens, proxy(onProgress)),
    searchTuning: (onProgress) => service().searchTuning(proxy(onProgress)),
    forgetTuning: () => service().forgetTuning(),
    domainLoads: (url, onProgress) => service().domainLoads(url, proxy(onProgress)),
    effectOnLoss: (url, interventions, domain, onProgress) =>
      service().effectOnLoss(url, interventions, domain, proxy(onProgress)),
    readQuality: (request, onProgress) => service().readQuality(request, proxy(onProgress)),
    probe: (request) => service().probe(request),
    publishedLayer: (request, onProgress) => service().publishedLayer(request, proxy(onProgress)),
    limits: (onProgress) => service().limits(proxy(onProgress)),
    sweep: (request, onProgress) => service().sweep(request, proxy(onProgress)),
    inspect: (position) => service().inspect(position),
    runnerUp: (position, layer) => service().runnerUp(position, layer),
    effectOnText: (interventions, onProgress) => service().effectOnText(interventions, proxy(onProgress)),
    rewrite: (request, onProgress) => service().rewrite(request, proxy(onProgress)),
    cancelMeasurement: () => void service().cancelMeasurement(),
    loseDevice: () => void service().loseDevice(),
    onMessage: (listener) => {
      port1.onmessage = (event: MessageEvent<StreamMessage>) => listener(event.data);
    },
    acknowledge: (run) => port1.postMessage({ type: 'ack', run } satisfies StreamAck),
    onFailure: (listener) => {
      onFailure = listener;
    },
  };
}
