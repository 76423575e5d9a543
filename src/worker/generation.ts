/** One run of generation: pulls batches from the engine, sends them to the page, and outlives the loss of the device. */
import { checkedSampling, checkIds } from '../engine/checks.ts';
import type { Intervention } from '../engine/interventions.ts';
import type { Change } from '../engine/trace.ts';
import { CANDIDATES, type Engine, NOT_SAMPLED, type TraceBatch, UserError } from '../engine/types.ts';
import type { Running } from './opening.ts';
import type { Fault, GenerateRequest, RunEnd } from './protocol.ts';
import type { TokenStream } from './stream.ts';
import { candidateWord, RunningText } from './text.ts';

export interface GenerationSite {
  readonly running: Running;
  readonly stream: TokenStream;
  /** The text to go on with. */
  readonly text: RunningText | null;
  /** A new engine for the same model, when the old one was lost. */
  readonly rebuild: (cause: UserError) => Promise<Running>;
  /** What is said of it. */
  readonly told: (cause: UserError, engine: Engine) => Fault;
  readonly onText: (text: RunningText) => void;
  /** Brings the engine's cache to where the text is, after the engine was lost. */
  readonly restore: (text: RunningText) => Promise<void>;
  /** The interventions of a revision. */
  readonly listAt: (revision: number) => readonly Intervention[];
  /** Milliseconds after which a server that did not answer is asked again. */
  readonly patience?: number;
}

/** Nobody answers who has the experts that a token asks for. */
const away = ({ message }: UserError): Fault => ({
  code: 'experts-away',
  message: `The text waits for experts that are not here yet. ${message}`,
  hint: 'It goes on by itself when they come.',
});
const HERE: Fault = { code: 'experts-here', message: 'The experts came, and the text goes on.', hint: '' };
const PAUSE_MILLISECONDS = 2000;

export class Generation {
  private running: Running;
  private generated = 0;
  private prefill = 0;
  private decode = 0;
  private pause = new AbortController();
  private jobs: (() => Promise<void>)[] = [];
  /** It was said that experts are waited for. */
  private waits = false;

  constructor(private readonly site: GenerationSite) {
    this.running = site.running;
  }

  async run(request: GenerateRequest, signal: AbortSignal): Promise<RunEnd> {
    try {
      return await this.write(request, signal);
    } finally {
      await this.meanwhile();
    }
  }

  private async write(request: GenerateRequest, signal: AbortSignal): Promise<RunEnd> {
    const { config } = this.running.engine.model;
    checkedSampling(request.sampling);
    const text = this.startText(request);
    const promptTokens = request.prompt === null ? 0 : text.waiting.length;
    this.site.stream.start(request.run, config);
    while (!text.ended && !signal.aborted) {
      try {
        this.pause = following(signal);
        await this.meanwhile();
        await this.pull(request, text, this.pause.signal);
        if (this.jobs.length === 0) break;
      } catch (error) {
        if (this.isAway(error)) {
          if (!this.waits) this.notice(request.run, away(error));
          this.waits = true;
          await sleep(this.site.patience ?? PAUSE_MILLISECONDS, this.pause.signal);
          continue;
        }
        if (!isLoss(error)) throw error;
        this.running = await this.site.rebuild(error);
        const { engine } = this.running;
        const fault = this.site.told(error, engine);
        this.notice(request.run, fault);
      }
    }
    await this.site.stream.drain();
    return {
      reason: signal.aborted ? 'cancelled' : text.ended ? 'eos' : this.isFull(text) ? 'context' : 'length',
      generated: this.generated,
      decodeMilliseconds: this.decode,
      prefillMilliseconds: this.prefill,
      promptTokens,
    };
  }

  /** Does a job between two tokens; the text goes on after it. */
  between<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.jobs.push(() => job().then(resolve, reject));
      this.pause.abort(PAUSED);
    });
  }

  /** Other interventions are in force: what is waited for may not be asked for any more. */
  changed(): void {
    if (!this.waits) return;
    this.waits = false;
    this.pause.abort(PAUSED);
  }

  private async meanwhile(): Promise<void> {
    for (let job = this.jobs.shift(); job; job = this.jobs.shift()) await job();
  }

  private notice(run: number, fault: Fault): void {
    this.site.stream.post({ type: 'notice', run, fault, info: this.running.engine.info });
  }

  private isAway(error: unknown): error is UserError {
    return error instanceof UserError && error.code === 'network' && this.running.engine.residency !== null;
  }

  /** The prompt replaces the text so far; without one the text goes on. */
  private startText(request: GenerateRequest): RunningText {
    const { engine } = this.running;
    const { config, tokenizer } = engine.model;
    if (request.prompt === null) {
      if (!this.site.text) throw new UserError('bad-input', 'There is no text to go on with.', 'Start one first.');
      return this.site.text;
    }
    const ids = tokenizer.prompt(request.prompt, { special: request.special });
    checkIds(config, 0, ids);
    const text = new RunningText(tokenizer, ids);
    engine.truncate(0);
    this.site.onText(text);
    return text;
  }

  /** Runs what waits, then decodes until the run ends. */
  private async pull(request: GenerateRequest, text: RunningText, signal: AbortSignal): Promise<void> {
    const { engine } = this.running;
    await this.site.restore(text);
    const maxTokens = request.maxTokens - this.generated;
    const ids = text.toRun(engine.length);
    if (maxTokens < 1 || engine.length + ids.length > engine.model.config.contextLength) return;
    let before = performance.now();
    for await (const batch of engine.generate({ ids, maxTokens, sampling: request.sampling, signal })) {
      if (this.waits) this.notice(request.run, HERE);
      this.waits = false;
      const now = performance.now();
      if (this.generated === 0) this.prefill += now - before;
      else this.decode += now - before;
      await this.send(request.run, batch, text, now - before);
      before = performance.now();
    }
  }

  private send(run: number, batch: TraceBatch, text: RunningText, milliseconds: number): Promise<void> {
    const texts = text.take(batch.tokens);
    const changes = this.changes(text, batch);
    const last = batch.sampled[batch.count - 1];
    const pending = last === NOT_SAMPLED ? '' : text.draw(last);
    this.generated += batch.sampled.filter((id) => id !== NOT_SAMPLED).length;
    const candidateTexts = Array.from(batch.candidateIds, (id, i) =>
      batch.sampled[Math.floor(i / CANDIDATES)] === NOT_SAMPLED ? '' : candidateWord(text.tokenizer, id),
    );
    return this.site.stream.push({
      type: 'tokens',
      run,
      batch,
      texts,
      pending,
      candidateTexts,
      changes,
      milliseconds,
    });
  }

  private changes(text: RunningText, batch: TraceBatch): Change[] {
    const before = text.revisions.at(-1) ?? 0;
    text.note(batch);
    return Array.from(batch.revisions, (revision, t) => ({ revision, position: batch.position + t }))
      .filter(({ revision }, t) => revision !== (t === 0 ? before : batch.revisions[t - 1]))
      .map(({ revision, position }) => ({ position, interventions: this.site.listAt(revision) }));
  }

  private isFull(text: RunningText): boolean {
    return text.routed.length + text.waiting.length > this.running.engine.model.config.contextLength;
  }
}

/** The engine is gone or not to be trusted, but the text is not. */
export function isLoss(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'device-lost' || error.code === 'wrong-results');
}

const PAUSED = new UserError('cancelled', 'Paused.');

/** Aborted when the signal is, or by itself. */
function following(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller;
}

/** Shorter where it is called off. */
const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
