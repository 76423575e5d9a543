/** wllama: llama.cpp in WASM, on the very file that is shipped. Its WebGPU backend stays away, silently, without shader-f16. */
import { load, PEERS_PATH } from './contender.ts';

export interface WllamaRun {
  /** Tokens per second, as llama.cpp times itself. */
  readonly prefill: number;
  readonly decode: number;
  readonly promptTokens: number;
}

export interface WllamaPeer {
  /** Where the weights are, by its own log: whatever was asked for. */
  readonly ranOn: 'webgpu' | 'cpu';
  run(prompt: string, tokens: number): Promise<WllamaRun>;
  destroy(): Promise<void>;
}

interface Wllama {
  setCompat?(compat: null): void;
  loadModel(blobs: readonly Blob[], options: object): Promise<void>;
  createCompletion(options: object): Promise<{ timings: Timings }>;
  exit(): Promise<void>;
}
interface Timings {
  readonly prompt_n: number;
  readonly prompt_per_second: number;
  readonly predicted_per_second: number;
}

/** @param gpu all layers on WebGPU if it can, or none. One thread: two on a busy machine wait for each other. */
export async function openWllama(model: Blob, eos: number | null, gpu: boolean): Promise<WllamaPeer> {
  const { Wllama } = (await load('@wllama/wllama/esm/index.js')) as unknown as {
    Wllama: new (paths: object, config: object) => Wllama;
  };
  const log: string[] = [];
  const keep = (...words: unknown[]) => void log.push(words.join(' '));
  const logger = { debug: keep, log: keep, warn: keep, error: keep };
  const paths = { default: `${PEERS_PATH}@wllama/wllama/esm/wasm/wllama.wasm` };
  const wllama = new Wllama(paths, { logger, allowOffline: true });
  wllama.setCompat?.(null);
  await wllama.loadModel([model], {
    ...{ n_ctx: 1024, n_threads: 1, n_parallel: 1, warmup: true, seed: 1 },
    n_gpu_layers: gpu ? 99999 : 0,
  });
  return {
    ranOn: log.some((line) => /WebGPU\d* model buffer size/.test(line)) ? 'webgpu' : 'cpu',
    async run(prompt, tokens) {
      const options = { prompt, max_tokens: tokens, temperature: 0, seed: 1, cache_prompt: false, ignore_eos: true };
      const bias = eos === null ? {} : { logit_bias: { [eos]: -100 } };
      const { timings } = await wllama.createCompletion({ ...options, ...bias });
      return {
        prefill: timings.prompt_per_second,
        decode: timings.predicted_per_second,
        promptTokens: timings.prompt_n,
      };
    },
    destroy: () => wllama.exit(),
  };
}
