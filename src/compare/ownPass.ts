/** A pass over an open model's weights with buffers of its own: what is timed there leaves the text's KV cache alone. */
import { type Activations, createActivations } from '../engine/webgpu/activations.ts';
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { type ForwardPass, planForwardPass } from '../engine/webgpu/forwardPass.ts';
import type { Gpu } from '../gpu/types.ts';
import { UserError } from '../model/errors.ts';
import { random } from '../reference/random.ts';

export interface OwnPass {
  readonly a: Activations;
  readonly pass: ForwardPass;
  /** Sets the state to the first token again, which a draw has moved on. */
  rewind(): void;
  destroy(): void;
}

/** What is timed runs to its end without waiting for experts. @throws UserError bad-input */
export function checkAllThere({ residency, model }: WebGpuEngine): void {
  if (!residency) return;
  if (residency.entries === model.config.experts)
    throw new UserError(
      'bad-input',
      'Kernels are timed with all experts on the GPU, and some have still to come.',
      'Wait until they are here and let a text be written.',
    );
  throw new UserError(
    'bad-input',
    `Kernels are timed with all experts on the GPU: ${residency.entries} of a layer have room.`,
    'Open the model with all of them.',
  );
}

/** `tokens` random tokens after `position` others, whose keys and values are 0. Rejects when a kernel does not compile. */
export async function planOwnPass(engine: WebGpuEngine, gpu: Gpu, tokens: number, position: number): Promise<OwnPass> {
  checkAllThere(engine);
  const { model, weights, activations } = engine;
  const { cache } = activations;
  const { queue } = gpu.device;
  const config = { ...model.config, contextLength: position + tokens };
  const a = createActivations(gpu, config, { maxTokens: tokens, inFlight: 1, cache, ropeFactors: weights.ropeFactors });
  const destroy = () => {
    const parts = [a, a.early ?? {}, a.latent ?? {}].flatMap((part) => Object.values(part).flat());
    for (const buffer of parts) if (buffer instanceof GPUBuffer) buffer.destroy();
  };
  const rewind = () => queue.writeBuffer(a.pass, 0, Uint32Array.of(tokens, position, 0, 0));
  const next = random(1);
  queue.writeBuffer(
    a.tokens,
    0,
    Uint32Array.from({ length: tokens }, () => Math.floor(config.vocabulary * next())),
  );
  rewind();
  try {
    return { a, pass: await planForwardPass(gpu, config, weights, a), rewind, destroy };
  } catch (cause) {
    destroy();
    throw cause;
  }
}
