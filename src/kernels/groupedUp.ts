import source from '../../shaders/grouped_up.wgsl?raw';
import takeRows from '../../shaders/lib/take_rows.wgsl?raw';
import takeTile from '../../shaders/lib/take_tile.wgsl?raw';
import tilesSource from '../../shaders/lib/tiles.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { Activation } from '../reference/experts.ts';
import { activationSource } from './activation.ts';
import { type Binding, ceilDiv, planKernel, read, write } from './kernel.ts';
import { maxTiles } from './plan.ts';
import { TILE, tileProduct } from './tiles.ts';
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
 * `biases` [E, 2H] are added to gate and up before the activation.
 */
export function groupedUp(
  gpu: Gpu,
  { gateUp, k, activation }: { gateUp: WeightMatrix; k: number; activation?: Activation },
  {
    h,
    offsets,
    order,
    tiles,
    biases,
    activated,
    pass,
  }: PlanBuffers & { h: Binding; biases?: Binding; activated: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, sizes, columns } = tileProduct(gpu, gateUp, { k });
  return planKernel(gpu, {
    name: 'grouped_up',
    sources: [tilesSource, activationSource(activation, biases !== undefined), ...sources, takeTile, source],
    directives,
    constants,
    // Without biases the binding still exists; h stands in, read-only beside itself.
    buffers: [
      ...[read(gateUp.buffer), read(h), read(offsets), read(order), read(tiles), write(activated)],
      ...[read(biases ?? h), sizes],
    ],
    pass,
    grid: (T) => [ceilDiv(gateUp.rows / 2, columns), maxTiles(T, { experts: gateUp.experts, k }), 1],
  });
}

/**
 * Prefill of a dense FFN: activated = silu(gate·h) · (up·h) by the same GEMM, without a plan. h: [T, D], activated: [T, H],
 * gateUp: stackRows([gate, up]) = [1, 2H, D].
 */
export function denseUp(
  gpu: Gpu,
  { gateUp, activation }: { gateUp: WeightMatrix; activation?: Activation },
  { h, activated, pass }: { h: Binding; activated: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, sizes, columns } = tileProduct(gpu, gateUp);
  return planKernel(gpu, {
    name: 'grouped_up',
    sources: [tilesSource, activationSource(activation), ...sources, takeRows, source],
    directives,
    constants,
    // The plan's bindings still exist; h stands in, read-only beside itself.
    buffers: [read(gateUp.buffer), read(h), read(h), read(h), read(h), write(activated), read(h), sizes],
    pass,
    grid: (T) => [ceilDiv(gateUp.rows / 2, columns), ceilDiv(T, TILE), 1],
  });
}
