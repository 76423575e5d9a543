/** Buffers for the self-test's cases, and what a case is. */
import { createBuffer, PASS_STATE, uploadBuffer } from '../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type PlainType, randomTensor } from '../model/randomTensor.ts';
import type { LayerWeights, Model } from '../model/types.ts';
import { random, randomValues } from '../reference/random.ts';
import { stackRows, uploadWeights, type WeightMatrix } from './weights.ts';

export interface Output {
  readonly buffer: GPUBuffer;
  /** First word to compare. */
  readonly first?: number;
  readonly expected: ArrayLike<number>;
  /** u32 words; f32 otherwise. */
  readonly integers?: boolean;
}

export interface Case {
  readonly tokens: number;
  readonly dispatches: readonly Dispatch[];
  readonly outputs: readonly Output[];
}

export type Settings = Pick<Model, 'config' | 'weights'>;
/** Whether any layer has one of these. */
export type Has = (...names: readonly (keyof LayerWeights)[]) => boolean;

/** A case of what only some models use. */
export interface Own {
  uses(settings: Settings, has: Has): boolean;
  plan(gpu: Gpu, inputs: Inputs, settings: Settings, has: Has): Promise<Case>;
}

export const caseOf = async (
  tokens: number,
  dispatches: readonly Promise<Dispatch>[],
  ...outputs: readonly Output[]
): Promise<Case> => ({ tokens, dispatches: await Promise.all(dispatches), outputs });

/** Buffers of the cases, with the values their twins start from. */
export class Inputs {
  private readonly next = random(1);
  private readonly buffers: GPUBuffer[] = [];

  constructor(readonly gpu: Gpu) {}

  own(buffer: GPUBuffer): GPUBuffer {
    this.buffers.push(buffer);
    return buffer;
  }

  upload(data: ArrayBufferView, usage?: number): GPUBuffer {
    return this.own(uploadBuffer(this.gpu.device, 'self-test', data, usage));
  }

  values(count: number): { buffer: GPUBuffer; values: Float64Array } {
    const values = randomValues(count, this.next);
    return { buffer: this.upload(values), values: Float64Array.from(values) };
  }

  matrix(type: PlainType, ...shapes: number[][]): { weight: WeightMatrix; parts: Float64Array[] } {
    const parts = shapes.map((shape) => randomTensor(type, shape, this.next));
    const weight = uploadWeights(this.gpu, stackRows(parts.map(({ tensor }) => tensor)));
    this.own(weight.buffer);
    return { weight, parts: parts.map(({ values }) => values) };
  }

  empty(words: number): GPUBuffer {
    return this.own(createBuffer(this.gpu.device, 'self-test', 4 * words));
  }

  pass(tokens: number, position = 0): GPUBuffer {
    return this.upload(Uint32Array.of(tokens, position, 0, 0), PASS_STATE);
  }

  /** Slots [T, K] with random weights. */
  slots(ids: readonly number[]): { slots: GPUBuffer; weights: Float64Array } {
    const weights = randomValues(ids.length, this.next);
    const bits = new Uint32Array(weights.buffer);
    const slots = this.upload(Uint32Array.from(ids.flatMap((id, slot) => [id, bits[slot]])));
    return { slots, weights: Float64Array.from(weights) };
  }

  destroy(): void {
    for (const buffer of this.buffers) buffer.destroy();
  }
}
