import source from '../../shaders/token_loss.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, reduction, WORKGROUP, write } from './kernel.ts';

/** loss[t] = −ln softmax(logits[t])[targets[t]], in nats. logits: [T, V], targets: u32 [T], loss: [T]. */
export function tokenLoss(
  gpu: Gpu,
  { vocabulary }: { vocabulary: number },
  { logits, targets, loss, pass }: { logits: Binding; targets: Binding; loss: Binding; pass: Binding },
): Promise<Dispatch> {
  const { lanes, directives, source: reduce, constants } = reduction(gpu);
  return planKernel(gpu, {
    name: 'token_loss',
    sources: [reduce, source],
    directives,
    constants: { ...constants, VOCABULARY: vocabulary },
    buffers: [read(logits), read(targets), write(loss)],
    pass,
    grid: (T) => [ceilDiv(T * lanes, WORKGROUP), 1, 1],
  });
}
