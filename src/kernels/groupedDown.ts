import source from '../../shaders/grouped_down.wgsl?raw';
import takeTile from '../../shaders/lib/take_tile.wgsl?raw';
import tilesSource from '../../shaders/lib/tiles.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { PlanBuffers } from './groupedUp.ts';
import { type Binding, ceilDiv, planKernel, read, write } from './kernel.ts';
import { maxTiles } from './plan.ts';
import { tileProduct } from './tiles.ts';
import type { WeightMatrix } from './weights.ts';

/** Prefill: y[slot] = (down of the slot's expert)·activated[slot]. activated: [T·K, H], y: [T·K, D], down: [E, D, H]. */
export function groupedDown(
  gpu: Gpu,
  { down, k }: { down: WeightMatrix; k: number },
  { activated, offsets, order, tiles, y, pass }: PlanBuffers & { activated: Binding; y: Binding; pass: Binding },
): Promise<Dispatch> {
  const { directives, sources, constants, sizes, columns } = tileProduct(gpu, down);
  return planKernel(gpu, {
    name: 'grouped_down',
    sources: [tilesSource, ...sources, takeTile, source],
    directives,
    constants,
    buffers: [read(down.buffer), read(activated), read(offsets), read(order), read(tiles), write(y), sizes],
    pass,
    grid: (T) => [ceilDiv(down.rows, 2 * columns), maxTiles(T, { experts: down.experts, k }), 1],
  });
}
