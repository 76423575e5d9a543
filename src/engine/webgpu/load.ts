/** Puts a model on the GPU: its weights, what a pass keeps, its kernels; or says why there is no room. */
import { watchRefusals } from '../../gpu/refusals.ts';
import type { CacheFormat } from '../../kernels/cache.ts';
import { NonFinite } from '../../model/nonFinite.ts';
import type { Model } from '../../model/types.ts';
import { UserError } from '../types.ts';
import { createActivations } from './activations.ts';
import type { FoundGpu } from './adapter.ts';
import { WebGpuEngine } from './engine.ts';
import { planForwardPass } from './forwardPass.ts';
import { FLIGHT, FLIGHTS } from './lanes.ts';
import { roomFor } from './placement.ts';
import { uploadModel } from './weights.ts';

/** Tokens of one prefill pass, at most. */
const CHUNK = 256;
export type LoadStage = 'upload' | 'compile';

export interface EngineOptions {
  /** How keys and values are kept: f32 unless said otherwise. */
  readonly cache?: CacheFormat;
  /**
   * Experts of a layer that have room on the GPU at a time, at least as many as a token takes; unless said otherwise all, or
   * as many as a kernel can see.
   */
  readonly expertsOnGpu?: number;
  /** Experts come only when a router asks for them, even if all have room; unless said otherwise where some are not here yet. */
  readonly onDemand?: boolean;
  /** While writing, fetches with what a layer lacks what the next is likely to ask for. */
  readonly prefetch?: boolean;
  readonly onProgress?: (stage: LoadStage, done: number, total: number) => void;
}

/** @throws UserError out-of-memory, also when a matrix of a layer is larger than the adapter lets a shader see. */
export async function createWebGpuEngine(
  model: Model,
  { gpu, info }: FoundGpu,
  options: EngineOptions = {},
): Promise<WebGpuEngine> {
  const { cache = 'f32', expertsOnGpu, prefetch = false, onProgress = () => {} } = options;
  const room = roomFor(gpu, model, expertsOnGpu, options.onDemand);
  const found = new NonFinite();
  const refusals = watchRefusals(gpu);
  const watched = refusals.gpu;
  const weights = await uploadModel(watched, model, (done, total) => onProgress('upload', done, total), room, found);
  const chunk = Math.min(CHUNK, model.config.contextLength);
  const activations = createActivations(watched, model.config, {
    ...{ maxTokens: chunk, inFlight: FLIGHT * FLIGHTS, cache },
    ropeFactors: weights.ropeFactors,
  });
  onProgress('compile', 0, 1);
  const pass = await planForwardPass(watched, model.config, weights, activations).catch((cause: Error) => cause);
  const refusal = await refusals.first();
  if (refusal) {
    const mebibytes = Math.ceil(model.bytes / 2 ** 20);
    throw new UserError(
      'out-of-memory',
      `The GPU has no room for this model (${mebibytes} MiB of weights): ${refusal.message}`,
      'Close other tabs that use the GPU, or choose a smaller model.',
    );
  }
  if (pass instanceof Error) throw new UserError('wrong-results', pass.message, 'A newer browser may help.');
  onProgress('compile', 1, 1);
  return new WebGpuEngine(model, gpu, info, { weights, activations, pass, found, prefetch });
}
