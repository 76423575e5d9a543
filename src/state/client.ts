/** The worker as the page sees it: Comlink for commands, one port for the stream. Only this file knows of Comlink. */
import { proxy, transfer, wrap } from 'comlink';
import type {
  BlockComparison,
  DomainLoad,
  DomainLoss,
  GenerateRequest,
  Knockout,
  MoeService,
  Opened,
  OpenRequest,
  Progress,
  RunEnd,
  StreamAck,
  StreamMessage,
} from '../worker/protocol.ts';

export type Count = (done: number, total: number) => void;

export interface Client {
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<Opened>;
  cancelOpen(): void;
  generate(request: GenerateRequest): Promise<RunEnd>;
  cancel(): void;
  reset(): Promise<void>;
  setKnockouts(knockouts: readonly Knockout[]): Promise<void>;
  compareBlock(tokens: number, onProgress: Count): Promise<BlockComparison>;
  domainLoads(heldoutUrl: string, onProgress: Count): Promise<DomainLoad[]>;
  knockoutLoss(heldoutUrl: string, knockouts: readonly Knockout[], onProgress: Count): Promise<DomainLoss[]>;
  cancelMeasurement(): void;
  loseDevice(): void;
  onMessage(listener: (message: StreamMessage) => void): void;
  acknowledge(run: number): void;
  /** The worker itself could not start, or died. */
  onFailure(listener: (reason: string) => void): void;
}

export function connectWorker(worker: Worker): Client {
  const service = wrap<MoeService>(worker);
  const { port1, port2 } = new MessageChannel();
  // Messages wait in the port until onmessage is set.
  void service.connect(transfer(port2, [port2]));
  return {
    open: (request, onProgress) => service.open(request, proxy(onProgress)),
    cancelOpen: () => void service.cancelOpen(),
    generate: (request) => service.generate(request),
    cancel: () => void service.cancel(),
    reset: () => service.reset(),
    setKnockouts: (knockouts) => service.setKnockouts(knockouts),
    compareBlock: (tokens, onProgress) => service.compareBlock(tokens, proxy(onProgress)),
    domainLoads: (url, onProgress) => service.domainLoads(url, proxy(onProgress)),
    knockoutLoss: (url, knockouts, onProgress) => service.knockoutLoss(url, knockouts, proxy(onProgress)),
    cancelMeasurement: () => void service.cancelMeasurement(),
    loseDevice: () => void service.loseDevice(),
    onMessage: (listener) => {
      port1.onmessage = (event: MessageEvent<StreamMessage>) => listener(event.data);
    },
    acknowledge: (run) => port1.postMessage({ type: 'ack', run } satisfies StreamAck),
    onFailure: (listener) => {
      worker.onerror = (event) => listener(event.message || 'The worker script could not be loaded.');
      worker.onmessageerror = () => listener('A message from the worker could not be read.');
    },
  };
}
