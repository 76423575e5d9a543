import source from '../../shaders/rope.wgsl?raw';
import { uploadBuffer } from '../gpu/buffers.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type RopeAngles, ropeAngles } from '../reference/rope.ts';
import { CACHE_SOURCES, type CacheFormat } from './cache.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

export interface RopeShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Values of a head that are turned; all unless said otherwise, or none. */
  readonly ropeDim?: number;
  readonly ropeStyle: 'half' | 'interleaved';
  readonly qkNorm: 'none' | 'head' | 'width';
  /** v is normed, too, head by head and without weights. */
  readonly normsValues?: boolean;
  readonly epsilon: number;
  readonly contextLength: number;
  /** Rows of the caches: position p's is number p % ring. All positions' unless said otherwise. */
  readonly ring?: number;
  /** f32 unless said otherwise. */
  readonly cache?: CacheFormat;
}

export interface RopeBuffers {
  readonly qkv: Binding;
  readonly qNorm?: Binding;
  readonly kNorm?: Binding;
  /** From ropeTable(); one serves all layers. */
  readonly rotations: Binding;
  readonly q: Binding;
  readonly kCache: Binding;
  readonly vCache: Binding;
  readonly pass: Binding;
}

/**
 * Rotations [contextLength, headDim / 2] of (cos, sin), by position · ropeAngles(); pairs behind those that turn stand still.
 * Made on the CPU in f64: in f32 the angle alone is off by 1e-4 at position 4095, and GPUs' sin is worse.
 */
export function ropeTable(
  gpu: Gpu,
  {
    headDim,
    ropeDim = headDim,
    contextLength,
    ...how
  }: Omit<RopeAngles, 'ropeDim'> & { headDim: number; ropeDim?: number; contextLength: number },
): GPUBuffer {
  const half = headDim / 2;
  const angles = ropeAngles({ ...how, ropeDim });
  const magnitude = how.ropeScaling?.magnitude ?? 1;
  const table = new Float32Array(contextLength * headDim);
  for (let i = 0; i < half; i++) {
    const [angle, length] = i < angles.length ? [angles[i], magnitude] : [0, 1];
    for (let position = 0; position < contextLength; position++) {
      table[2 * (position * half + i)] = length * Math.cos(position * angle);
      table[2 * (position * half + i) + 1] = length * Math.sin(position * angle);
    }
  }
  return uploadBuffer(gpu.device, 'rope rotations', table);
}

/**
 * QK-norm + RoPE + KV-cache write. qkv: [T, (heads + 2·kvHeads)·headDim] → q: [T, heads·headDim]; k and v go to
 * rows position … position + T − 1, modulo ring, of the caches [ring, kvHeads·headDim].
 */
export function rope(gpu: Gpu, shape: RopeShape, buffers: RopeBuffers): Promise<Dispatch> {
  const {
    heads,
    kvHeads,
    headDim,
    ropeDim = headDim,
    ropeStyle,
    qkNorm,
    normsValues = false,
    epsilon,
    contextLength,
    ring = contextLength,
    cache = 'f32',
  } = shape;
  const { qkv, qNorm, kNorm, rotations, q, kCache, vCache, pass } = buffers;
  if (headDim % 4 !== 0) throw new RangeError(`rope: headDim ${headDim} is not a multiple of 4.`);
  if (ropeDim % 4 !== 0 || ropeDim > headDim) throw new RangeError(`rope: ${ropeDim} of ${headDim} values.`);
  if (qkNorm !== 'none' && !(qNorm && kNorm)) throw new TypeError('rope: QK-norm needs qNorm and kNorm.');
  if (normsValues && qkNorm === 'width') throw new TypeError('rope: values are normed head by head alone.');
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  return planKernel(gpu, {
    name: 'rope',
    sources: [reduce, CACHE_SOURCES[cache], source],
    directives,
    constants: {
      ...constants,
      HEADS: heads,
      KV_HEADS: kvHeads,
      HEAD_DIM: headDim,
      TURNED: ropeDim,
      CONTEXT: contextLength,
      RING: ring,
      EPSILON: epsilon,
      INTERLEAVED: ropeStyle === 'interleaved' ? 1 : 0,
      NORM_HEAD: qkNorm === 'head' ? 1 : 0,
      NORM_VALUES: normsValues ? 1 : 0,
      NORM_WIDTH: qkNorm === 'width' ? 1 : 0,
    },
    // Without QK-norm its bindings still exist; qkv stands in, read-only beside itself.
    buffers: [
      read(qkv),
      read(qNorm ?? qkv),
      read(kNorm ?? qkv),
      read(rotations),
      write(q),
      write(kCache),
      write(vCache),
    ],
    pass,
    grid: (T) => [ceilDiv((heads + 2 * kvHeads) * lanes, WORKGROUP), T, 1],
  });
}
