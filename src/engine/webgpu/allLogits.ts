/** Logits and losses of every position of a pass: what checks and held-out text need, and generating does not. */
import { createBuffer } from '../../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { matmul } from '../../kernels/matmul.ts';
import { rmsNorm } from '../../kernels/rmsNorm.ts';
import { tokenLoss } from '../../kernels/tokenLoss.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { Activations } from './activations.ts';
import { largest } from './fit.ts';
import { capped } from './forwardPass.ts';
import { added } from './products.ts';
import { Staging } from './readback.ts';
import type { GpuWeights } from './weights.ts';

export interface AllLogits {
  /** Longest pass, in tokens: of so many a kernel can see the logits. */
  readonly maxTokens: number;
  readonly logits: GPUBuffer; // [T, V]
  readonly targets: GPUBuffer; // u32 [T]
  readonly losses: GPUBuffer; // [T]
  /** x → logits. */
  readonly head: readonly Dispatch[];
  /** logits, targets → losses. */
  readonly loss: Dispatch;
  /** Holds the logits of a whole pass. */
  readonly staging: Staging;
}

export async function planAllLogits(
  gpu: Gpu,
  config: ModelConfig,
  weights: GpuWeights,
  a: Activations,
): Promise<AllLogits> {
  const { vocabulary, width, normEpsilon, logitScale } = config;
  const make = (label: string, words: number) => createBuffer(gpu.device, label, words * 4);
  const maxTokens = Math.min(a.maxTokens, Math.floor(largest(gpu.device) / (4 * vocabulary)));
  const logits = make('all logits', maxTokens * vocabulary);
  const targets = make('targets', maxTokens);
  const losses = make('losses', maxTokens);
  const head = await Promise.all([
    rmsNorm(gpu, { width, epsilon: normEpsilon }, { x: a.x, weight: weights.outputNorm, y: a.h, pass: a.pass }),
    ...added({ gpu, a }, width, weights.outputNormBias, a.h),
    ...weights.output.map(({ weight, first: offset }) =>
      matmul(
        gpu,
        { weight, accumulate: false, scale: 1 / logitScale, place: { stride: vocabulary, offset } },
        { x: a.h, y: logits, pass: a.pass },
      ),
    ),
    ...added({ gpu, a }, vocabulary, weights.outputBias, logits),
    ...capped({ gpu, config, a }, logits),
  ]);
  const loss = await tokenLoss(gpu, { vocabulary }, { logits, targets, loss: losses, pass: a.pass });
  return { maxTokens, logits, targets, losses, head, loss, staging: new Staging(gpu.device, maxTokens * vocabulary) };
}
