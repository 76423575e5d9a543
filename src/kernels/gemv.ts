import source from '../../shaders/gemv.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import type { Place } from './matmul.ts';
import { rowNorm, rowReader } from './rows.ts';
import type { WeightMatrix } from './weights.ts';

/**
 * y = scale · W·norm(x), or y += that if `accumulate`. x: [T, K], y: [T, N]. For the few tokens of a decode step.
 * `norm` folds RMSNorm of x in (normWeight: [K]); `last` takes only the pass's last token and writes y: [N].
 */
export function gemv(
  gpu: Gpu,
  {
    weight,
    norm,
    accumulate,
    scale,
    last = false,
    place = { stride: weight.rows, offset: 0 },
  }: {
    weight: WeightMatrix;
    norm: { epsilon: number } | null;
    accumulate: boolean;
    scale: number;
    last?: boolean;
    place?: Place;
  },
  { x, normWeight, y, pass }: { x: Binding; normWeight?: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  if (norm && !normWeight) throw new TypeError('gemv: a fused norm needs normWeight.');
  const { directives, sources, constants, workgroups } = rowReader(gpu, weight);
  const input = rowNorm(norm);
  return planKernel(gpu, {
    name: 'gemv',
    sources: [...sources, input.source, source],
    directives,
    constants: {
      ...constants,
      ROWS: weight.rows,
      SCALE: scale,
      ...input.constants,
      ACCUMULATE: accumulate ? 1 : 0,
      LAST: last ? 1 : 0,
      STRIDE: place.stride,
      OFFSET: place.offset,
    },
    // Without a norm the binding still exists; x stands in, read-only beside itself.
    buffers: [read(weight.buffer), read(x), read(normWeight ?? x), write(y)],
    pass,
    grid: (T) => [workgroups, last ? 1 : T, 1],
  });
}
