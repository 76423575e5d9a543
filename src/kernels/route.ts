import slotSource from '../../shaders/lib/slot.wgsl?raw';
import source from '../../shaders/route.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, WORKGROUP, write } from './kernel.ts';

export interface RouteShape {
  readonly width: number;
  readonly experts: number;
  readonly k: number;
  /** Gate weights are divided by their sum (at least 2⁻¹⁴, as in llama.cpp). */
  readonly normaliseGates: boolean;
  /** Of the RMSNorm; null: there is none, and h = x · normWeight. */
  readonly epsilon: number | null;
}

export interface RouteBuffers {
  readonly x: Binding;
  readonly normWeight: Binding;
  readonly router: Binding;
  readonly bias: Binding;
  readonly h: Binding;
  readonly slots: Binding;
  readonly trace: Binding;
  readonly pass: Binding;
}

/** Experts that route.wgsl chooses at most. */
export const MAX_CHOSEN = 16;

/** What the host writes into `bias` for −Infinity, which a shader may not handle: the expert is never chosen. */
export const KNOCKED_OUT = -3e38;

/** Bytes of T tokens' slots {expert: u32, weight: f32}. */
export const slotBytes = (tokens: number, k: number): number => tokens * k * 8;

/** u32 words of one trace record: k expert ids, k gate weights, E probabilities. */
export const traceWords = ({ experts, k }: { experts: number; k: number }): number => 2 * k + experts;

/**
 * The router of one layer: h = RMSNorm(x), p = softmax(router·h + bias), slots = the k most probable experts.
 * x, h: [T, D]; router: f32 [E, D]; bias: f32 [E]; slots: [T, K]; trace: ring of records, written at step + t.
 * Ties go to the lower index. A logit that is NaN counts as 0. Knocked-out experts (bias ≤ −1e30) have probability
 * exactly 0 and are chosen only where fewer than k others are left, and then with weight 0.
 */
export function route(gpu: Gpu, shape: RouteShape, buffers: RouteBuffers): Promise<Dispatch> {
  const { width, experts, k, normaliseGates, epsilon } = shape;
  if (experts < 1 || experts > 256) throw new RangeError(`route: ${experts} experts; 1 to 256 are supported.`);
  if (k < 1 || k > Math.min(MAX_CHOSEN, experts))
    throw new RangeError(`route: ${k} of ${experts} experts; at most ${MAX_CHOSEN}.`);
  return planKernel(gpu, {
    name: 'route',
    sources: [slotSource, source],
    constants: {
      WIDTH: width,
      EXPERTS: experts,
      CHOSEN: k,
      PARTS: Math.max(1, Math.floor(WORKGROUP / experts)),
      NORMALISE: normaliseGates ? 1 : 0,
      NORM: epsilon === null ? 0 : 1,
      EPSILON: epsilon ?? 0,
    },
    buffers: [
      read(buffers.x),
      read(buffers.normWeight),
      read(buffers.router),
      read(buffers.bias),
      write(buffers.h),
      write(buffers.slots),
      write(buffers.trace),
    ],
    pass: buffers.pass,
    grid: (T) => [T, 1, 1],
  });
}
