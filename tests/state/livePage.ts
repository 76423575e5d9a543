/** A page without a browser: a whole Session over a worker that counts in place of writing. */
import { vi } from 'vitest';
import { CANDIDATES, NOT_SAMPLED } from '../../src/engine/types.ts';
import { OwnAddress } from '../../src/state/address/place.ts';
import { filesAreAt } from '../../src/state/models/catalog.ts';
import type { Appearance } from '../../src/state/page/theme.ts';
import { Session } from '../../src/state/session/session.ts';
import type { Place } from '../../src/state/session/session-types.ts';
import { signal } from '../../src/state/session/signals.ts';
import type { Client } from '../../src/state/worker/client.ts';
import type {
  GenerateRequest,
  ModelEntry,
  Opened,
  OpenRequest,
  RunEnd,
  StreamMessage,
} from '../../src/worker/protocol.ts';

const CANCELLED = { code: 'cancelled', message: 'Cancelled.', hint: '' };
const PROMPT_TOKENS = 3;

export function openedModel(name = 'a model', experts = 2): Opened {
  const shape = { layers: 1, width: 64, experts, expertsPerToken: 1, expertHidden: 32 };
  const file = { architecture: 'qwen3moe', bytes: 1000, vocabulary: 100, contextLength: 512 };
  return {
    info: { kind: 'cpu', name: 'a device', features: [], fallback: false },
    model: { ...shape, ...file, name, parameters: { total: 1000, active: 400 } } as Opened['model'],
    ...{ chat: null, warnings: [], tuningKey: null, selfTest: null, fallbackReason: null, expertBytes: 1024 },
  };
}

export const entryOf = (id: string) => ({ id, title: id, file: `${id}.gguf`, bytes: 1000 }) as unknown as ModelEntry;

interface Opening {
  readonly request: OpenRequest;
  readonly done: (opened: Opened) => void;
  readonly failed: (thrown: unknown) => void;
}

/** Each token it draws is the number of its position. */
export class CountingWorker {
  /** Models on their way: the test says how each ends. */
  readonly openings: Opening[] = [];
  readonly prompts: (string | null)[] = [];
  /** While it is set, no prompt is read. */
  reads: Promise<void> | null = null;
  private text: { position: number } | null = null;
  private run = new AbortController();
  private queue: Promise<unknown> = Promise.resolve();
  private send: (message: StreamMessage) => void = () => {};

  readonly client = {
    onMessage: (listener: (message: StreamMessage) => void) => (this.send = listener),
    onFailure: () => {},
    onSilence: () => {},
    acknowledge: () => {},
    setInterventions: async () => {},
    residency: async () => null,
    hold: async () => {},
    cancelMeasurement: () => {},
    dropTrace: () => {},
    giveUp: () => {},
    reset: async () => {
      this.text = null;
    },
    close: async () => {},
    cancel: () => this.run.abort(),
    cancelOpen: () => this.openings.at(-1)?.failed(CANCELLED),
    open: (request: OpenRequest) => this.open(request),
    generate: (request: GenerateRequest) => this.generate(request),
  };

  private open(request: OpenRequest): Promise<Opened> {
    const built = new Promise<Opened>((done, failed) => this.openings.push({ request, done, failed }));
    return built.then((opened) => {
      this.run.abort();
      return this.alone(async () => {
        this.text = null;
        return opened;
      });
    });
  }

  private generate(request: GenerateRequest): Promise<RunEnd> {
    this.run.abort();
    this.run = new AbortController();
    const { signal } = this.run;
    this.prompts.push(request.prompt);
    return this.alone(async () => {
      if (request.prompt !== null) this.text = { position: 0 };
      if (!this.text) throw { code: 'bad-input', message: 'There is no text to go on with.', hint: '' };
      const { text } = this;
      let generated = 0;
      while (generated < request.maxTokens && !signal.aborted) {
        await (text.position === 0 ? this.reads : null);
        await new Promise((resolve) => setTimeout(resolve));
        if (signal.aborted) break;
        const count = text.position === 0 ? PROMPT_TOKENS : 1;
        this.send(tokens(request.run, text.position, count));
        text.position += count;
        generated++;
      }
      const reason = signal.aborted ? 'cancelled' : 'length';
      return { reason, generated, decodeMilliseconds: 1, prefillMilliseconds: 1, promptTokens: PROMPT_TOKENS };
    });
  }

  private alone<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(job);
    this.queue = turn.catch(() => {});
    return turn;
  }
}

function tokens(run: number, position: number, count: number): StreamMessage {
  const places = Array.from({ length: count }, (_, t) => position + t);
  return {
    ...{ type: 'tokens', run, texts: places.map((at) => ` ${at}`), pending: ` ${position + count}` },
    ...{ candidateTexts: Array(count * CANDIDATES).fill(''), changes: [], milliseconds: 1 },
    batch: {
      ...{ position, count, slots: 1, tokens: Uint32Array.from(places), revisions: new Uint32Array(count) },
      sampled: Uint32Array.from(places, (at, t) => (t + 1 < count ? NOT_SAMPLED : at + 1)),
      ...{ expertIds: new Uint16Array(count), gateWeights: new Float32Array(count).fill(1) },
      probabilities: new Float32Array(2 * count).fill(0.5),
      candidateIds: new Uint32Array(count * CANDIDATES),
      candidateProbabilities: new Float32Array(count * CANDIDATES),
    },
  };
}

/** A session with a list of models. */
export function livePage(fragment = '') {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  let clock = 1e9;
  vi.stubGlobal('requestAnimationFrame', (paint: (now: number) => void) =>
    setTimeout(() => {
      clock += 250;
      paint(clock);
    }),
  );
  vi.stubGlobal('cancelAnimationFrame', (frame: ReturnType<typeof setTimeout>) => clearTimeout(frame));
  filesAreAt('https://example.org/', '');
  const worker = new CountingWorker();
  const address = new OwnAddress(
    () => 'https://example.org/',
    () => {},
  );
  address.write(fragment);
  const appearance = { chosen: signal(null), take: () => {} } as unknown as Appearance;
  const place: Place = {
    ...{ address, appearance, device: 'auto', narrow: { get: () => false }, guest: true, measures: false },
  };
  const session = new Session(worker.client as unknown as Client, place);
  session.betweenTexts.takenOver = true;
  session.models.list({ default: 'a', models: [entryOf('a'), entryOf('b'), entryOf('c')] });
  return { session, worker, address };
}

/** The same, with a model open and nothing written. */
export async function openPage(fragment = '') {
  const page = livePage(fragment);
  await open(page, 'a');
  await page.session.writing.reset();
  page.worker.prompts.length = 0;
  return page;
}

/** Opens a model of the list, to its end. */
export async function open({ session, worker }: ReturnType<typeof livePage>, id: string, opened = openedModel(id)) {
  const opening = session.opening.openEntry(entryOf(id));
  await vi.waitFor(() => {
    if (!worker.openings.at(-1)?.request.url?.includes(`/${id}.gguf`)) throw new Error('Not asked yet.');
  });
  worker.openings.at(-1)!.done(opened);
  await opening;
}
