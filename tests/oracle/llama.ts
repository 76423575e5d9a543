/**
 * llama.cpp, by the npm package node-llama-cpp that is installed in this folder alone. F32 KV cache, no flash attention:
 * on F32 weights it then computes what a float64 forward pass does, to about 1e-6.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));

/** The few calls that are used here; the package is not there when the project's types are checked. */
interface Sequence {
  clearHistory(): Promise<void>;
  controlledEvaluate(
    input: [number, { generateNext: { logits: true } }][],
  ): Promise<{ next: { logits?: Map<number, number> } }[]>;
  evaluate(ids: number[], options: { temperature: 0 }): AsyncIterable<number>;
}
interface LlamaModel {
  tokenize(text: string, special: boolean): number[];
  detokenize(ids: number[], special: boolean): string;
  /** llama.cpp's own; the wrapper's counts every eos and eot as an end. */
  readonly _model: { isEogToken(id: number): boolean };
  readonly tokens: {
    readonly bos: number | null;
    readonly eos: number | null;
    readonly shouldPrependBosToken: boolean;
    readonly shouldAppendEosToken: boolean;
  };
  createContext(options: Record<string, unknown>): Promise<{ getSequence(): Sequence }>;
  dispose(): Promise<void>;
}
interface Llama {
  loadModel(options: { modelPath: string; vocabOnly?: boolean }): Promise<LlamaModel>;
}

/** Why these tests cannot run here, or null. The prebuilt llama.cpp is installed for Linux on x64 only. */
export function whyNot(): string | null {
  if (process.platform === 'linux' && process.arch === 'x64') return null;
  return `no prebuilt llama.cpp is installed for ${process.platform}-${process.arch}`;
}

let llama: Promise<Llama> | null = null;

async function start(): Promise<Llama> {
  if (!existsSync(join(HERE, 'node_modules/node-llama-cpp'))) {
    throw new Error(
      'The oracle is not installed: run npm ci --omit=optional --ignore-scripts in tests/oracle (85 MB, no build).',
    );
  }
  // A variable, so that neither the type checker nor the bundler looks for it where it is not installed.
  const name = 'node-llama-cpp';
  const { getLlama } = await import(/* @vite-ignore */ name);
  // One thread: with two on a busy machine its spinning barriers cost ten times the time.
  return getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1, logLevel: 'error' });
}

export interface Oracle {
  tokenize(text: string, special?: boolean): number[];
  decode(ids: readonly number[]): string;
  /** Whether llama.cpp ends a text at this token. */
  isEnd(id: number): boolean;
  /** The marks it puts around a text. */
  readonly frame: { readonly bos: number | null; readonly eos: number | null };
  /** Logits of every position, [T, V]. */
  logits(ids: readonly number[], vocabulary: number): Promise<Float32Array>;
  /** Up to `count` tokens by arg-max; ends before the end mark. */
  greedy(ids: readonly number[], count: number): Promise<number[]>;
  dispose(): Promise<void>;
}

/** Loads a GGUF file in llama.cpp; one that has no tensors for its tokenizer alone. */
export async function openOracle(modelPath: string, contextSize = 512, vocabOnly = false): Promise<Oracle> {
  llama ??= start();
  const model = await (await llama).loadModel({ modelPath, vocabOnly });
  let context: Promise<{ getSequence(): Sequence }> | null = null;
  let sequence: Sequence | null = null;
  /** Made when it is first asked for: a tokenizer needs none. */
  async function emptySequence(): Promise<Sequence> {
    context ??= model.createContext({
      contextSize,
      batchSize: contextSize,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
    });
    sequence ??= (await context).getSequence();
    await sequence.clearHistory();
    return sequence;
  }
  return {
    tokenize: (text, special = false) => Array.from(model.tokenize(text, special)),
    decode: (ids) => model.detokenize([...ids], false),
    isEnd: (id) => model._model.isEogToken(id),
    frame: {
      bos: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
      eos: model.tokens.shouldAppendEosToken ? model.tokens.eos : null,
    },
    async logits(ids, vocabulary) {
      const sequence = await emptySequence();
      const out = await sequence.controlledEvaluate(ids.map((id) => [id, { generateNext: { logits: true } }]));
      const logits = new Float32Array(ids.length * vocabulary);
      for (const [t, { next }] of out.entries()) {
        if (next.logits?.size !== vocabulary)
          throw new Error('llama.cpp gave no logits: node-llama-cpp 3.22 is needed.');
        for (const [id, value] of next.logits) logits[t * vocabulary + id] = value;
      }
      return logits;
    },
    async greedy(ids, count) {
      const drawn: number[] = [];
      if (count === 0) return drawn;
      const sequence = await emptySequence();
      for await (const id of sequence.evaluate([...ids], { temperature: 0 })) {
        drawn.push(id);
        if (drawn.length === count) break;
      }
      return drawn;
    },
    dispose: () => model.dispose(),
  };
}
