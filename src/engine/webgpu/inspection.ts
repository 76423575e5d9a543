/** One token's way through every router and its experts, number by number: a pass of its own, so that writing pays nothing. */
import { createBuffer } from '../../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { gemv } from '../../kernels/gemv.ts';
import { slotNorms } from '../../kernels/slotNorms.ts';
import type { ModelConfig } from '../../model/types.ts';
import { type Inspection, NO_EXPERT, type TraceBatch } from '../types.ts';
import type { Activations } from './activations.ts';
import { planTapped } from './forwardPass.ts';
import { Staging } from './readback.ts';
import type { GpuLayer, GpuWeights } from './weights.ts';

/** A part of a buffer is bound at a multiple of 256 bytes. */
const align = (words: number) => Math.ceil(words / 64) * 64;

export interface InspectionPlan {
  readonly dispatches: readonly Dispatch[];
  /** Per layer the router's logits [E] and the norms [S + 2], each from a multiple of 64 words on. */
  readonly found: GPUBuffer;
  readonly words: number;
  readonly staging: Staging;
}

export async function planInspection(
  gpu: Gpu,
  config: ModelConfig,
  weights: GpuWeights,
  a: Activations,
): Promise<InspectionPlan> {
  const { width, experts, layers } = config;
  const [logitWords, normWords] = [experts, a.slotsPerToken + 2].map(align);
  const words = layers * (logitWords + normWords);
  const found = createBuffer(gpu.device, 'inspection', words * 4);
  const dispatches = await planTapped(gpu, config, weights, a, (layer: GpuLayer, index) => {
    const offset = index * (logitWords + normWords) * 4;
    const logits = { buffer: found, offset, size: logitWords * 4 };
    const norms = { buffer: found, offset: offset + logitWords * 4, size: normWords * 4 };
    const router = { type: 'f32' as const, columns: width, rows: experts, experts: 1, buffer: layer.router! };
    return {
      routed: gemv(
        gpu,
        { weight: router, norm: null, accumulate: false, scale: 1 },
        { x: a.h, y: logits, pass: a.pass },
      ),
      computed: slotNorms(
        gpu,
        { width, slots: a.slotsPerToken },
        { y: a.expertOut, slots: a.slots, x: a.x, norms, pass: a.pass },
      ),
    };
  });
  return { dispatches, found, words, staging: new Staging(gpu.device, words) };
}

/** What the taps found, beside the trace of the same pass (a batch of one position). */
export function readInspection(
  words: Uint32Array<ArrayBuffer>,
  { a, layers: weights }: { a: Activations; layers: readonly GpuLayer[] },
  { layers, experts }: ModelConfig,
  batch: TraceBatch,
): Inspection {
  const { position, slots, expertIds, gateWeights, probabilities } = batch;
  const found = new Float32Array(words.buffer);
  const [logitWords, normWords] = [experts, a.slotsPerToken + 2].map(align);
  const inspection = {
    ...{ position, slots, expertIds, gateWeights, probabilities },
    logits: new Float32Array(layers * experts),
    outputNorms: new Float32Array(layers * slots),
    sumNorms: new Float32Array(layers),
    residualNorms: new Float32Array(layers),
  };
  for (let layer = 0; layer < layers; layer++) {
    // What a dense layer has left there is nothing.
    const at = layer * (logitWords + normWords);
    const norms = found.subarray(at + logitWords);
    const { routerBias: bias, expertScale } = weights[layer];
    inspection.logits.set(
      found.subarray(at, at + experts).map((logit, expert) => logit + (bias?.[expert] ?? 0)),
      layer * experts,
    );
    for (let j = 0; j < slots; j++) {
      const expert = expertIds[layer * slots + j];
      if (expert !== NO_EXPERT)
        inspection.outputNorms[layer * slots + j] = norms[j] * Math.abs(expertScale?.[expert] ?? 1);
    }
    inspection.sumNorms[layer] = norms[a.slotsPerToken];
    inspection.residualNorms[layer] = norms[a.slotsPerToken + 1];
  }
  return inspection;
}
