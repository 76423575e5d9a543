import hashSource from '../../shaders/lib/hash.wgsl?raw';
import source from '../../shaders/sample.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, uniform, write } from './kernel.ts';

/** u32 words of one record of the ring of draws: the id drawn, 8 candidate ids, 8 candidate probabilities (f32). */
export const DRAW_WORDS = 17;

/** Fewer invocations wait shorter at each other: on SwiftShader 16 draw three times as fast as 64. */
const SOFTWARE_SIZE = 16;

export interface SampleBuffers {
  readonly logits: Binding;
  /** Uniform {temperature: f32, topK: u32, topP: f32, seed: u32}. */
  readonly sampling: Binding;
  readonly tokens: Binding;
  readonly draws: Binding;
  readonly pass: Binding;
}

/**
 * Draws the token that follows the pass. logits: [V] of its last token; the id goes to tokens[0] and, with the likeliest
 * tokens at temperature 1, to the ring of draws at slot step + T − 1. Then the pass state moves on to the token drawn.
 * Temperature 0 is argmax; otherwise top-k by logit, softmax at the temperature, the smallest prefix that reaches top-p,
 * and an inverse-CDF draw in descending order, by a hash of (seed, position). Ties go to the lower id. NaN counts as
 * −∞; if every logit is NaN, id 0 is drawn.
 */
export function sample(
  gpu: Gpu,
  { vocabulary }: { vocabulary: number },
  { logits, sampling, tokens, draws, pass }: SampleBuffers,
): Promise<Dispatch> {
  return planKernel(gpu, {
    name: 'sample',
    sources: [hashSource, source],
    constants: { VOCABULARY: vocabulary, SIZE: gpu.tuning.workgroups === 'small' ? SOFTWARE_SIZE : 256 },
    buffers: [read(logits), uniform(sampling), write(tokens), write(draws)],
    pass,
    passType: 'storage',
    grid: () => [1, 1, 1],
  });
}
