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
  createContext(options: Record<string, unknown>): Promise<{ getSequence(): Sequence }>;
  dispose(): Promise<void>;
}
interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
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
  /** Logits of every position, [T, V]. */
  logits(ids: readonly number[], vocabulary: number): Promise<Float32Array>;
  /** Up to `count` tokens by arg-max; ends before the end mark. */
  greedy(ids: readonly number[], count: number): Promise<number[]>;
  dispose(): Promise<void>;
}

/** Loads a GGUF file in llama.cpp. */
export async function openOracle(modelPath: string, contextSize = 512): Promise<Oracle> {
  llama ??= start();
  const model = await (await llama).loadModel({ modelPath });
  const context = await model.createContext({
    contextSize,
    batchSize: contextSize,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  });
  const sequence = context.getSequence();
  return {
    tokenize: (text, special = false) => Array.from(model.tokenize(text, special)),
    async logits(ids, vocabulary) {
      await sequence.clearHistory();
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
      await sequence.clearHistory();
      const drawn: number[] = [];
      if (count === 0) return drawn;
      for await (const id of sequence.evaluate([...ids], { temperature: 0 })) {
        drawn.push(id);
        if (drawn.length === count) break;
      }
      return drawn;
    },
    dispose: () => model.dispose(),
  };
}
