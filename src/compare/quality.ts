/**
 * Quality beside speed: the same held-out text read by the MoE, with more and fewer experts per token, and by its dense
 * twins; and how long a token takes each of them while it writes.
 */
import { planRouting } from '../engine/interventions.ts';
import { type Engine, UserError } from '../engine/types.ts';
import { bytesOf } from '../model/stored.ts';
import type { LayerWeights, Model, Tensor } from '../model/types.ts';
import type {
  Quality,
  QualityModel,
  QualityPoint,
  QualityProgress,
  QualityReader,
  QualityReading,
} from './contract.ts';
import { type Heldout, type Reading, readDomains } from './heldout.ts';
import { steady } from './timing.ts';
import type { Visibility } from './visibility.ts';

const TOKENS_PER_SAMPLE = 32;
const PROMPT_TOKENS = 16;
const ROUNDS = 5;
/** Fewer samples have no spread to speak of: until then no time is told. */
const LEAST_ROUNDS = 3;
/** A model that ends every text at once writes nothing that could be timed. */
const MOST_TEXTS = 100;
const PASTED = 'Your own text';

export interface QualityOptions {
  readonly models: readonly QualityModel[];
  readonly ks: readonly number[];
  readonly heldout: Heldout;
  readonly text?: string;
  /** An engine of its own for this model; tells how many of its bytes have arrived. */
  readonly open: (model: QualityModel, onBytes: (done: number) => void) => Promise<Engine>;
  readonly visibility: Visibility;
  readonly rounds?: number;
  /** Told what is known after every kind of text, and after every round of samples from the third on. */
  readonly onProgress: (progress: QualityProgress) => void;
  readonly signal: AbortSignal;
}

/** A model as it is set for one point of the plot. */
interface Contender {
  readonly model: QualityModel;
  readonly engine: Engine;
  readonly k: number | null;
  /** The visitor's text as this model's tokens. */
  readonly pasted: Pasted | null;
}

interface Pasted {
  readonly heldout: Heldout;
  /** Tokens beyond the context. */
  readonly leftOut: number;
}

/** @throws UserError bad-input, network, bad-file, out-of-memory; the signal's reason when aborted. */
export async function readQuality(options: QualityOptions): Promise<Quality> {
  const { models, ks, heldout, text, signal, rounds = ROUNDS } = options;
  if (models.length === 0) throw new UserError('bad-input', 'Choose at least one model to measure.');
  const engines: Engine[] = [];
  try {
    const contenders: Contender[] = [];
    const total = models.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    for (const model of models) {
      signal.throwIfAborted();
      const from = before;
      const onBytes = (done: number) => options.onProgress({ step: 'fetching', done: from + done, total });
      const engine = await options.open(model, onBytes);
      before += model.bytes;
      engines.push(engine);
      const pasted = text === undefined ? null : pastedText(engine.model, text);
      for (const k of chosenKs(engine.model, ks)) contenders.push({ model, engine, k, pasted });
    }
    const points: QualityPoint[] = [];
    const found = (reader: QualityReader | null, times?: readonly number[][], discarded = 0): Quality => ({
      points: points.map((point, i) => (times ? { ...point, time: steady(times[i]) } : point)),
      ...{ reader, tokensPerSample: TOKENS_PER_SAMPLE, discarded },
    });
    for (const [i, contender] of contenders.entries()) {
      let now: QualityProgress = { step: 'reading', done: 0, total: 1 };
      const onRead = (done: number, all: number) => {
        now = { step: 'reading', done: i * all + done, total: contenders.length * all };
        options.onProgress(now);
      };
      const onDomain = (reader: QualityReader) => options.onProgress({ ...now, soFar: found(reader) });
      points.push(await readWith(contender, heldout, onRead, onDomain, signal));
      options.onProgress({ ...now, soFar: found(null) });
    }
    const samples = rounds * contenders.length;
    const onSample = (done: number) => options.onProgress({ step: 'timing', done, total: samples });
    const onRound = (done: number, times: readonly number[][], discarded: number) =>
      options.onProgress({ step: 'timing', done, total: samples, soFar: found(null, times, discarded) });
    const { times, discarded } = await timeAll(contenders, rounds, options, onSample, onRound);
    return found(null, times, discarded);
  } finally {
    for (const engine of engines) engine.destroy();
  }
}

/** @throws UserError bad-input */
function chosenKs({ config }: Model, ks: readonly number[]): (number | null)[] {
  const { experts, expertsPerToken } = config;
  if (experts === 1) return [null];
  const wrong = ks.find((k) => !(Number.isInteger(k) && k >= 1 && k <= experts));
  if (wrong !== undefined) {
    throw new UserError('bad-input', `A token cannot have ${wrong} experts: k is a whole number from 1 to ${experts}.`);
  }
  return [...new Set([...ks, expertsPerToken])].sort((a, b) => a - b);
}

function set({ engine, k }: Contender): void {
  const { config } = engine.model;
  if (k === null) return;
  engine.setRouting(planRouting(config, k === config.expertsPerToken ? [] : [{ kind: 'k', layer: null, k }]));
}

async function readWith(
  contender: Contender,
  heldout: Heldout,
  onProgress: (done: number, total: number) => void,
  onDomain: (reader: QualityReader) => void,
  signal: AbortSignal,
): Promise<QualityPoint> {
  const { model, engine, k, pasted } = contender;
  const { config } = engine.model;
  const { id, title, role, tokensSeen } = model;
  const whose = { model: { id, title, role }, tokensSeen, k };
  const apart = (readings: readonly Reading[]) =>
    readings.map((reading) => together(reading.domain, reading.title, [reading]));
  set(contender);
  const onReading = (readings: readonly Reading[]) => onDomain({ ...whose, domains: apart(readings) });
  const readings = await readDomains(engine, heldout, onProgress, signal, onReading);
  const ofPasted = pasted && (await readDomains(engine, pasted.heldout, () => {}, signal));
  return {
    ...whose,
    trained: k === null || k === config.expertsPerToken,
    heldout: together('held-out', 'All held-out text', readings),
    domains: apart(readings),
    time: null,
    pasted: ofPasted && together('pasted', PASTED, ofPasted),
    leftOut: pasted?.leftOut ?? 0,
    flops: flopsPerToken(engine.model, k),
    bytesRead: decodeBytes(engine.model, k),
    info: engine.info,
  };
}

/** @throws UserError bad-input */
function pastedText({ tokenizer, config }: Model, text: string): Pasted {
  const all = tokenizer.prompt(text);
  if (all.length < 2) throw new UserError('bad-input', 'The pasted text is too short to predict anything in it.');
  const ids = all.slice(0, config.contextLength);
  return { heldout: { domains: [{ name: 'pasted', title: PASTED, ids: [ids] }] }, leftOut: all.length - ids.length };
}

export function together(domain: string, title: string, readings: readonly Reading[]): QualityReading {
  const sum = (of: (reading: Reading) => number) => readings.reduce((total, reading) => total + of(reading), 0);
  const [nats, tokens, bytes] = [sum((r) => r.nats), sum((r) => r.tokens), sum((r) => r.bytes)];
  return { domain, title, nats: nats / tokens, bitsPerByte: nats / Math.LN2 / bytes, tokens, bytes };
}

/** Two for each parameter a token is multiplied with; attention's products with the context are left out. */
function flopsPerToken({ config }: Model, k: number | null): number {
  const { layers, width, expertHidden, expertsPerToken, parameters } = config;
  const extra = (k ?? expertsPerToken) - expertsPerToken;
  return 2 * (parameters.active + extra * 3 * width * expertHidden * layers);
}

/** Bytes of weights that one decode step reads. */
function decodeBytes({ config, weights }: Model, k: number | null): number {
  const size = (tensor: Tensor | null) => (tensor ? bytesOf(tensor) : 0);
  const share = (k ?? config.expertsPerToken) / config.experts;
  const layerBytes = (layer: LayerWeights) => {
    const experts = size(layer.gate) + size(layer.up) + size(layer.down);
    const all = Object.values(layer).reduce((sum, tensor) => sum + size(tensor), 0);
    return all - experts * (1 - share);
  };
  return weights.layers.reduce(
    (sum, layer) => sum + layerBytes(layer),
    size(weights.outputNorm) + size(weights.output),
  );
}

/** Samples in turning order, so that drift hits all alike. Milliseconds per token of each. */
async function timeAll(
  contenders: readonly Contender[],
  rounds: number,
  { heldout, visibility, signal }: QualityOptions,
  onProgress: (done: number) => void,
  onRound: (done: number, times: readonly number[][], discarded: number) => void,
): Promise<{ times: number[][]; discarded: number }> {
  const prompt = heldout.domains[0].ids[0].slice(0, PROMPT_TOKENS);
  const times = contenders.map((): number[] => []);
  let discarded = 0;
  for (const contender of contenders) await write(contender, prompt, 0, signal); // compiles, and warms up
  for (let i = 0; i < rounds * contenders.length; ) {
    const round = Math.floor(i / contenders.length);
    const place = (i + round) % contenders.length;
    const stillShown = await visibility.shown(signal);
    const milliseconds = await write(contenders[place], prompt, round, signal);
    if (!stillShown()) {
      discarded++;
      continue;
    }
    times[place].push(milliseconds);
    onProgress(++i);
    const taken = i / contenders.length;
    if (Number.isInteger(taken) && taken >= LEAST_ROUNDS && taken < rounds) onRound(i, times, discarded);
  }
  return { times, discarded };
}

/** Milliseconds per token, by the wall clock, from the first token drawn on; texts that end early are begun again. */
async function write(
  contender: Contender,
  prompt: readonly number[],
  seed: number,
  signal: AbortSignal,
): Promise<number> {
  const { engine } = contender;
  set(contender);
  let [tokens, elapsed] = [0, 0];
  for (let attempt = 0; tokens < TOKENS_PER_SAMPLE; attempt++) {
    signal.throwIfAborted();
    if (attempt === MOST_TEXTS)
      throw new UserError('no-clock', `${contender.model.title} ends every text too soon to be timed.`);
    engine.truncate(0);
    const sampling = { temperature: 1, topK: 0, topP: 1, seed: 1000 * seed + attempt };
    const maxTokens = Math.min(TOKENS_PER_SAMPLE - tokens, engine.model.config.contextLength - prompt.length) + 1;
    let start: number | null = null;
    for await (const batch of engine.generate({ ids: prompt, maxTokens, sampling, signal })) {
      if (start !== null) tokens += batch.count;
      start ??= performance.now();
    }
    elapsed += start === null ? 0 : performance.now() - start;
  }
  engine.truncate(0);
  return elapsed / tokens;
}
