import source from '../../shaders/expert_up.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { Activation } from '../reference/experts.ts';
import { activationSource } from './activation.ts';
import { type Binding, planKernel, read, write } from './kernel.ts';
import { rowNorm, rowReader } from './rows.ts';
import type { WeightMatrix } from './weights.ts';

/**
 * Decode: activated = silu(gate·h) · (up·h) of each slot's expert. h: [T, D], slots: [T, K], activated: [T·K, H].
 * gateUp is stackRows([gate, up]): [E, 2H, D]. The expert id is read from `slots` on the GPU, so the grid is static.
 * `biases` [E, 2H] are added to gate and up before the activation.
 * With `norm`, h is RMSNorm of x made on the way (normWeight: [D]): a dense FFN has no router that would have made it.
 */
export function expertUp(
  gpu: Gpu,
  {
    gateUp,
    k,
    norm = null,
    activation,
  }: { gateUp: WeightMatrix; k: number; norm?: { epsilon: number } | null; activation?: Activation },
  {
    h,
    slots,
    normWeight,
    biases,
    activated,
    pass,
  }: {
    h: Binding;
    slots: Binding;
    normWeight?: Binding;
    biases?: Binding;
    activated: Binding;
    pass: Binding;
  },
): Promise<Dispatch> {
  if (norm && !normWeight) throw new TypeError('expertUp: a fused norm needs normWeight.');
  const { directives, sources, constants, workgroups } = rowReader(gpu, gateUp);
  const input = rowNorm(norm);
  return planKernel(gpu, {
    name: 'expert_up',
    sources: [slotSource, activationSource(activation, biases !== undefined), ...sources, input.source, source],
    directives,
    constants: { ...constants, ...input.constants, HIDDEN: gateUp.rows / 2, CHOSEN: k },
    // Without a norm or biases the bindings still exist; h stands in, read-only beside itself.
    buffers: [read(gateUp.buffer), read(h), read(slots), read(normWeight ?? h), write(activated), read(biases ?? h)],
    pass,
    grid: (T) => [workgroups, T * k, 1],
  });
}
