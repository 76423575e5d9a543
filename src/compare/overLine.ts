/**
 * What has to be here before a model writes: the MoE, which fetches experts as its routers ask for them, and its dense twin,
 * each from its first byte on over a line of so many bytes a second.
 */
import { UserError } from '../engine/types.ts';
import type { FoundGpu } from '../engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../engine/webgpu/load.ts';
import { weighed } from '../gpu/weighed.ts';
import { coalesced } from '../model/coalesce.ts';
import { openModel } from '../model/load.ts';
import { memorySource } from '../model/source.ts';
import { throttled } from '../model/throttled.ts';
import type { LineModel, LineRequest, LineRun } from './types.ts';

/** Tokens that each writes. */
const TOKENS = 12;
/** Between two pieces of news. */
const SAID_MILLISECONDS = 100;
const GREEDY = { temperature: 0, topK: 0, topP: 1, seed: 1 };

export interface OverLineOptions extends LineRequest {
  readonly found: FoundGpu;
  /** A file as quickly as it comes. */
  readonly fetchFile: (model: LineModel) => Promise<Uint8Array>;
  readonly onProgress: (runs: readonly LineRun[]) => void;
  readonly signal: AbortSignal;
}

/** One after the other, each with the line to itself, once kernels are compiled. @throws the signal's reason */
export async function overLine(options: OverLineOptions): Promise<LineRun[]> {
  const { models, bytesPerSecond, onProgress, signal } = options;
  const files = await Promise.all(models.map(options.fetchFile));
  for (const file of files) await write(file, Number.POSITIVE_INFINITY, options, () => {});
  const runs: LineRun[] = [];
  for (const [i, { id }] of models.entries()) {
    signal.throwIfAborted();
    const told = (run: Omit<LineRun, 'id'>) => onProgress([...runs, { id, ...run }]);
    runs.push({ id, ...(await write(files[i], bytesPerSecond, options, told)) });
  }
  return runs;
}

async function write(
  file: Uint8Array,
  bytesPerSecond: number,
  { found, entries, prompt, signal }: OverLineOptions,
  told: (run: Omit<LineRun, 'id'>) => void,
): Promise<Omit<LineRun, 'id'>> {
  const { gpu, held } = weighed(found.gpu);
  const from = performance.now();
  let run: Omit<LineRun, 'id'> = { bytes: 0, total: file.length, held: 0, entries: null, written: [] };
  let said = 0;
  const source = throttled(memorySource(file), bytesPerSecond, signal, (bytes) => {
    run = { ...run, bytes, held: held() };
    if (performance.now() - said < SAID_MILLISECONDS) return;
    said = performance.now();
    told(run);
  });
  try {
    const model = await openModel(coalesced(source), 0);
    const { experts, expertsPerToken } = model.config;
    const room = experts > 1 ? { expertsOnGpu: Math.max(entries, expertsPerToken), onDemand: true } : {};
    const engine = await createWebGpuEngine(model, { ...found, gpu }, room);
    run = { ...run, entries: engine.residency?.entries ?? null };
    const ids = model.tokenizer.prompt(prompt);
    for await (const batch of engine.generate({ ids, maxTokens: TOKENS, sampling: GREEDY, signal })) {
      const written = { tokens: batch.position + batch.count + 1 - ids.length, bytes: run.bytes };
      // Of a prompt that takes several passes only the last one draws.
      if (written.tokens < 1) continue;
      run = { ...run, held: held(), written: [...run.written, { ...written, milliseconds: performance.now() - from }] };
      told(run);
    }
    signal.throwIfAborted();
    if (run.written.length === 0) throw new UserError('bad-input', 'The model wrote nothing.');
    return run;
  } finally {
    gpu.device.destroy();
  }
}
