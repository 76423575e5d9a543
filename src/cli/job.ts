/** What the command does with a model and an engine. No files and no process: it runs in Node and in a browser alike. */
import { encodeTrace, type TraceFile } from '../engine/trace.ts';
import type { Engine, EngineInfo, ResidencyCounts, Sampling, TraceBatch } from '../engine/types.ts';
import type { CacheFormat } from '../kernels/cache.ts';
import { TextStream } from '../model/textStream.ts';
import type { Model } from '../model/types.ts';

/** Plain data: it crosses into the browser as JSON. */
export interface Job {
  readonly prompt: string | null;
  readonly ids: readonly number[] | null;
  readonly special: boolean;
  readonly tokens: number;
  readonly sampling: Sampling;
  /** How WebGPU keeps keys and values. */
  readonly kv: CacheFormat;
  /** Experts of a layer that have room on the GPU; all where there is no number. */
  readonly expertsOnGpu?: number;
  readonly prefetch?: boolean;
  /** One pass over the ids for its logits; nothing is drawn. */
  readonly wantLogits: boolean;
  readonly wantTrace: boolean;
}

/** What --json prints. */
export interface Summary {
  readonly model: {
    readonly name: string;
    readonly architecture: string;
    readonly parameters: Model['config']['parameters'];
  };
  readonly device: EngineInfo;
  readonly promptIds: readonly number[];
  readonly sampling: Sampling | null;
  /** Drawn tokens, the end mark included. */
  readonly ids: readonly number[];
  readonly text: string;
  readonly end: 'eos' | 'length' | 'context' | 'logits';
  readonly milliseconds: { readonly prefill: number; readonly decode: number };
  /** Decode steps per second, or null when there was none. */
  readonly tokensPerSecond: number | null;
  /** Of a run with some of a layer's experts on the GPU. */
  readonly residency: ResidencyCounts | null;
}

export interface JobResult {
  readonly summary: Summary;
  readonly trace: TraceFile | null;
  /** [T, V] */
  readonly logits: Float32Array | null;
}

function promptIds({ tokenizer }: Model, job: Job): number[] {
  return job.ids ? [...job.ids] : tokenizer.prompt(job.prompt ?? '', { special: job.special });
}

function summarise(engine: Engine, rest: Omit<Summary, 'model' | 'device' | 'residency'>): Summary {
  const { name, architecture, parameters } = engine.model.config;
  return {
    model: { name, architecture, parameters },
    device: engine.info,
    ...rest,
    residency: engine.residency?.counts ?? null,
  };
}

async function runOnce(engine: Engine, job: Job): Promise<JobResult> {
  const ids = promptIds(engine.model, job);
  const start = performance.now();
  const { logits, trace } = await engine.forward(ids);
  const milliseconds = { prefill: performance.now() - start, decode: 0 };
  const run = { model: engine.model, device: engine.info, sampling: null, promptTokens: ids.length, batches: [trace] };
  return {
    summary: summarise(engine, {
      ...{ promptIds: ids, sampling: null, ids: [], text: '', end: 'logits' },
      ...{ milliseconds, tokensPerSecond: null },
    }),
    trace: job.wantTrace ? encodeTrace(run) : null,
    logits,
  };
}

/**
 * Runs the job on an engine whose cache is empty. `onText` gets what each drawn token adds to the text, as it comes.
 * Throws what the engine throws: UserError for what the user can mend.
 */
export async function runJob(engine: Engine, job: Job, onText: (text: string) => void): Promise<JobResult> {
  if (job.wantLogits) return runOnce(engine, job);
  const { model } = engine;
  const { ends } = model.tokenizer;
  const ids = promptIds(model, job);
  const stream = new TextStream(model.tokenizer);
  const drawn: number[] = [];
  const batches: TraceBatch[] = [];
  let text = '';
  const add = (piece: string) => {
    text += piece;
    if (piece) onText(piece);
  };
  const start = performance.now();
  let first = start;
  for await (const batch of engine.generate({ ids, maxTokens: job.tokens, sampling: job.sampling })) {
    batches.push(batch);
    for (let t = 0; t < batch.count; t++) {
      if (batch.position + t < ids.length - 1) continue;
      if (drawn.length === 0) first = performance.now();
      drawn.push(batch.sampled[t]);
      if (!ends.has(batch.sampled[t])) add(stream.push(batch.sampled[t]));
    }
  }
  add(stream.flush());
  const decode = performance.now() - first;
  const ended = ends.has(drawn.at(-1) ?? -1) ? 'eos' : drawn.length >= job.tokens ? 'length' : 'context';
  const run = { model, device: engine.info, sampling: job.sampling, promptTokens: ids.length, batches };
  return {
    summary: summarise(engine, {
      ...{ promptIds: ids, sampling: job.sampling, ids: drawn, text, end: ended },
      milliseconds: { prefill: first - start, decode },
      tokensPerSecond: drawn.length > 1 ? ((drawn.length - 1) / decode) * 1000 : null,
    }),
    trace: job.wantTrace ? encodeTrace(run) : null,
    logits: null,
  };
}
