import source from '../../shaders/grouped_up.wgsl?raw';
import takeTile from '../../shaders/lib/take_tile.wgsl?raw';
import tilesSource from '../../shaders/lib/tiles.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { Activation } from '../reference/experts.ts';
import { activationSource } from './activation.ts';
import { type Binding, ceilDiv, planKernel, read, write } from './kernel.ts';
import { maxTiles } from './plan.ts';
import { tileProduct } from './tiles.ts';
import type { WeightMatrix } from './weights.ts';

/** What plan() has written. */
export interface PlanBuffers {
  readonly offsets: Binding;
  readonly order: Binding;
  readonly tiles: Binding;
}

/**
 * Prefill: activated[slot] = silu(gate·h) · (up·h) of the slot's expert, one GEMM tile per (expert tile × output tile).
 * h: [T, D], activated: [T·K, H], gateUp: stackRows([gate, up]) = [E, 2H, D]. Rows of h are gathered as they are loaded.
 */
export function groupedUp(
  gpu: Gpu,
  { gateUp, k, activation }: { gateUp: WeightMatrix; k: number; activation?: Activation },
  { h, offsets, order, tiles, activated, pass }: PlanBuffers & { h: Binding; activated: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, columns } = tileProduct(gpu, gateUp);
  return planKernel(gpu, {
    name: 'grouped_up',
    sources: [tilesSource, activationSource(activation), ...sources, takeTile, source],
    directives,
    constants: { ...constants, HIDDEN: gateUp.rows / 2, CHOSEN: k },
    buffers: [read(gateUp.buffer), read(h), read(offsets), read(order), read(tiles), write(activated)],
    pass,
    grid: (T) => [ceilDiv(gateUp.rows / 2, columns), maxTiles(T, { experts: gateUp.experts, k }), 1],
  });
}
