/** Brings traces and draws back without anybody waiting: copy at the end of a submit, map while the next one runs. */
import { mapForReading } from '../../gpu/waits.ts';
import { DRAW_WORDS } from '../../kernels/sample.ts';
import { emptyBatch, type TraceShape } from '../batch.ts';
import { CANDIDATES, type TraceBatch } from '../types.ts';
import type { Activations } from './activations.ts';

/** Where in the pass state a stop is noted, in bytes. */
export const STOP = 12;

/** The ring slots [first, first + count) of every layer's trace, and their draws. */
export interface Window {
  readonly first: number;
  readonly count: number;
}

/** A staging buffer that is copied into, mapped, read and used again. */
export class Staging {
  private readonly buffer: GPUBuffer;

  constructor(
    private readonly device: GPUDevice,
    words: number,
  ) {
    this.buffer = device.createBuffer({
      label: 'staging',
      size: Math.max(16, words * 4),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /** Encodes the copies of one window: layer after layer, then the draws, then whether the pass stopped. */
  copy(encoder: GPUCommandEncoder, a: Activations, shape: TraceShape, { first, count }: Window): void {
    const record = 4 * a.traceWords;
    const layers = shape.experts === 1 ? 0 : shape.layers;
    for (let layer = 0; layer < layers; layer++) {
      const from = (layer * a.ringSlots + first) * record;
      encoder.copyBufferToBuffer(a.trace, from, this.buffer, layer * count * record, count * record);
    }
    const draw = 4 * DRAW_WORDS;
    const end = count * (layers * record + draw);
    encoder.copyBufferToBuffer(a.draws, first * draw, this.buffer, layers * count * record, count * draw);
    encoder.copyBufferToBuffer(a.pass, STOP, this.buffer, end, 4);
  }

  /** Resolves with the words copied, once the GPU got there. */
  async read(words: number): Promise<Uint32Array<ArrayBuffer>> {
    await mapForReading(this.device, this.buffer, 0, words * 4);
    const copy = new Uint32Array(this.buffer.getMappedRange(0, words * 4).slice(0));
    this.buffer.unmap();
    return copy;
  }

  /** Copies the first words of any buffer out, on a submit of its own. */
  async fetch(source: GPUBuffer, words: number): Promise<Uint32Array<ArrayBuffer>> {
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, this.buffer, 0, words * 4);
    this.device.queue.submit([encoder.finish()]);
    return this.read(words);
  }

  destroy(): void {
    this.buffer.destroy();
  }
}

/** Words a window takes in staging. */
export function windowWords(a: Activations, shape: TraceShape, count: number): number {
  return count * ((shape.experts === 1 ? 0 : shape.layers * a.traceWords) + DRAW_WORDS) + 1;
}

/** Where a pass stopped for want of an expert. */
export interface Stop {
  /** As the pass state counts it. */
  readonly step: number;
  readonly layer: number;
}

/** What the last word of a window says, as in shaders/lib/experts_cached.wgsl. */
export function stopOf(words: Uint32Array): Stop | null {
  const word = words[words.length - 1];
  return word === 0 ? null : { step: (word >>> 16) - 1, layer: (word & 0xffff) - 1 };
}

/** What went into a window’s passes. */
export interface Ran {
  readonly position: number;
  readonly tokens: Uint32Array;
  readonly revision: number;
  /** Slots to keep of those the records have: the rest is unused. */
  readonly slots: number;
  /** At which of the tokens the sampler ran. */
  readonly drawn: (t: number) => boolean;
}

/** Words of one window → a batch. */
export function readBatch(words: Uint32Array<ArrayBuffer>, a: Activations, shape: TraceShape, ran: Ran): TraceBatch {
  const { layers, experts } = shape;
  const { position, tokens, slots, drawn } = ran;
  const count = tokens.length;
  const batch = emptyBatch(shape, position, tokens, slots);
  batch.revisions.fill(ran.revision);
  const floats = new Float32Array(words.buffer);
  let base = 0;
  if (experts === 1) {
    batch.expertIds.fill(0);
    batch.gateWeights.fill(1);
    batch.probabilities.fill(1);
  } else {
    for (let layer = 0; layer < layers; layer++) {
      for (let t = 0; t < count; t++, base += a.traceWords) {
        const row = t * layers + layer;
        const weights = base + a.slotsPerToken;
        const probabilities = weights + a.slotsPerToken;
        batch.expertIds.set(words.subarray(base, base + slots), row * slots);
        batch.gateWeights.set(floats.subarray(weights, weights + slots), row * slots);
        batch.probabilities.set(floats.subarray(probabilities, probabilities + experts), row * experts);
      }
    }
  }
  for (let t = 0; t < count; t++, base += DRAW_WORDS) {
    if (!drawn(t)) continue;
    batch.sampled[t] = words[base];
    batch.candidateIds.set(words.subarray(base + 1, base + 1 + CANDIDATES), t * CANDIDATES);
    batch.candidateProbabilities.set(floats.subarray(base + 1 + CANDIDATES, base + DRAW_WORDS), t * CANDIDATES);
  }
  return batch;
}
