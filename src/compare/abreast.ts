/**
 * One prompt, several models, one device: they write in turns of a few tokens, each on a clock of its own, and the next turn is
 * always that of the clock which is behind. So each is as far in its text as it would be with the device to itself.
 */
import { type Engine, NOT_SAMPLED, UserError } from '../engine/types.ts';
import { TextStream } from '../model/textStream.ts';
import type { AbreastLane, AbreastProgress, AbreastRequest } from './abreastTypes.ts';
import type { QualityModel } from './contract.ts';
import { type Heldout, type Reading, readDomains } from './heldout.ts';
import { together } from './quality.ts';
import { steady } from './timing.ts';
import type { Visibility } from './visibility.ts';

/** Tokens of a turn. */
const TURN = 16;
/** A model that ends every text at once writes nothing that could be timed. */
const MOST_TEXTS = 100;

export interface AbreastOptions extends Omit<AbreastRequest, 'heldoutUrl'> {
  readonly heldout: Heldout;
  /** An engine of its own for this model; tells how many of its bytes have arrived. */
  readonly open: (model: QualityModel, onBytes: (done: number) => void) => Promise<Engine>;
  readonly visibility: Visibility;
  readonly onProgress: (progress: AbreastProgress) => void;
  readonly signal: AbortSignal;
}

/** @throws UserError bad-input, context, network, bad-file, out-of-memory, no-clock; the signal's reason when aborted. */
export async function writeAbreast(options: AbreastOptions): Promise<readonly AbreastLane[]> {
  const { models, maxTokens, heldout, open, onProgress, signal } = options;
  const lanes: Lane[] = [];
  try {
    const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
    let before = 0;
    for (const model of models) {
      const onBytes = (done: number) => onProgress({ step: 'fetching', done: before + done, total: bytes, lanes: [] });
      lanes.push(new Lane(model, await open(model, onBytes), options));
      before += model.bytes;
      signal.throwIfAborted();
    }
    const told = () => lanes.map((lane) => lane.told());
    const done = () => lanes.reduce((sum, { tokens }) => sum + tokens, 0);
    const tell = () => onProgress({ step: 'writing', done: done(), total: maxTokens * lanes.length, lanes: told() });
    for (const lane of lanes) await lane.begin();
    const toRead = sequencesOf(heldout, maxTokens);
    for (let turn = 1; toRead.length > 0 || done() < maxTokens * lanes.length; turn++) {
      const writing = lanes.filter(({ tokens }) => tokens < maxTokens);
      if (writing.length) {
        await writing.reduce((a, b) => (b.milliseconds < a.milliseconds ? b : a)).write();
        tell();
      }
      if (writing.length && turn % lanes.length) continue;
      const [sequence] = toRead.splice(0, 1);
      if (!sequence) continue;
      for (const lane of lanes) await lane.read(sequence);
      tell();
    }
    return told();
  } finally {
    for (const lane of lanes) lane.engine.destroy();
  }
}

/** As many tokens of every kind, one by one: each reads all of them. */
function sequencesOf({ domains }: Heldout, tokens: number): Heldout[] {
  return domains.map((domain) => ({ domains: [{ ...domain, ids: [domain.ids[0].slice(0, tokens)] }] }));
}

class Lane {
  private readonly prompt: readonly number[];
  /** Milliseconds per token of each turn. */
  private readonly times: number[] = [];
  private readonly readings: Reading[] = [];
  private texts: string[] = [];
  private stream: TextStream;
  /** The token drawn last, which no pass has run yet. */
  private waiting = 0;
  tokens = 0;
  milliseconds = 0;

  constructor(
    private readonly model: QualityModel,
    readonly engine: Engine,
    private readonly options: AbreastOptions,
  ) {
    const { tokenizer, config } = engine.model;
    this.prompt = tokenizer.prompt(options.prompt);
    this.stream = new TextStream(tokenizer);
    if (this.prompt.length + options.maxTokens + TURN > config.contextLength)
      throw new UserError(
        'bad-input',
        'This prompt leaves too little room in the models’ context.',
        'Take a shorter one.',
      );
  }

  /** Reads the prompt, which draws the first token; the kernels are warm afterwards. */
  async begin(): Promise<void> {
    await this.again();
    const { length } = this.engine;
    await this.draw([this.waiting], TURN);
    this.engine.truncate(length);
  }

  /** A turn; one that the tab was hidden in is taken again, to the same tokens. */
  async write(): Promise<void> {
    const { visibility, maxTokens, signal } = this.options;
    const { length } = this.engine;
    const most = Math.min(TURN, maxTokens - this.tokens);
    for (;;) {
      const stillShown = await visibility.shown(signal);
      const start = performance.now();
      const drawn = await this.draw([this.waiting], most);
      const elapsed = performance.now() - start;
      if (!stillShown()) {
        this.engine.truncate(length);
        continue;
      }
      this.tokens += drawn.length;
      this.milliseconds += elapsed;
      this.times.push(elapsed / drawn.length);
      return this.take(drawn);
    }
  }

  /** Aside, and off the clock. */
  async read(heldout: Heldout): Promise<void> {
    const readings = await this.engine.aside(0, () => {
      this.engine.truncate(0);
      return readDomains(this.engine, heldout, () => {}, this.options.signal);
    });
    this.readings.push(...readings);
  }

  told(): AbreastLane {
    const { engine, tokens, milliseconds } = this;
    const { id, title, role, tokensSeen } = this.model;
    return {
      ...{ model: { id, title, role }, tokensSeen, tokens, milliseconds, info: engine.info },
      texts: [...this.texts],
      multiplyAdds: tokens * engine.model.config.parameters.active,
      time: this.times.length ? steady(this.times) : null,
      heldout: this.readings.length ? together('held-out', 'Held-out text', this.readings) : null,
    };
  }

  /** Another text from the same prompt, with the next seed: the one before it ended early. */
  private async again(): Promise<void> {
    if (this.texts.length === MOST_TEXTS)
      throw new UserError('no-clock', `${this.model.title} ends every text too soon to be timed.`);
    this.engine.truncate(0);
    this.stream = new TextStream(this.engine.model.tokenizer);
    for (const id of this.prompt) this.stream.push(id);
    this.texts.push('');
    await this.take(await this.draw(this.prompt, 1));
  }

  private async take(drawn: readonly number[]): Promise<void> {
    const { tokenizer } = this.engine.model;
    for (const id of drawn) {
      if (tokenizer.ends.has(id)) return this.again();
      this.texts[this.texts.length - 1] += this.stream.push(id);
      this.waiting = id;
    }
  }

  private async draw(ids: readonly number[], maxTokens: number): Promise<number[]> {
    const { sampling, signal } = this.options;
    const seed = (sampling.seed + this.texts.length - 1) >>> 0;
    const drawn: number[] = [];
    for await (const { sampled } of this.engine.generate({ ids, maxTokens, sampling: { ...sampling, seed }, signal }))
      drawn.push(...sampled.filter((id) => id !== NOT_SAMPLED));
    signal.throwIfAborted();
    return drawn;
  }
}
