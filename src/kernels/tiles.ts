/** What the matrix × matrix kernels share: how a workgroup multiplies a tile of activation rows with weight rows. */
import rowsAlone from '../../shaders/lib/rows_alone.wgsl?raw';
import rowsQuads from '../../shaders/lib/rows_quads.wgsl?raw';
import tile from '../../shaders/lib/tile.wgsl?raw';
import tileAlone from '../../shaders/lib/tile_alone.wgsl?raw';
import tileStaged from '../../shaders/lib/tile_staged.wgsl?raw';
import type { Gpu } from '../gpu/types.ts';
import { QUADS } from './kernel.ts';
import { stepReader, type WeightMatrix, weightReader } from './weights.ts';

/** Activation rows of one tile, as in shaders/lib/tile_*.wgsl. */
export const TILE = 16;

export interface TileProduct {
  readonly directives: readonly string[];
  /** Source of multiply_tile(), and its constants. */
  readonly sources: readonly string[];
  readonly constants: Record<string, number>;
  /** Weight rows of each of a tile's two sets. */
  readonly columns: number;
}

export function tileProduct({ tuning }: Gpu, weight: WeightMatrix): TileProduct {
  if (tuning.gemm === 'staged') {
    const { sources, constants } = weightReader(weight);
    return { directives: [], sources: [...sources, tile, tileStaged], constants, columns: 64 };
  }
  const { sources, constants } = stepReader(weight);
  const quads = tuning.gemm === 'quads';
  return {
    directives: quads ? QUADS : [],
    sources: [...sources, tile, tileAlone, quads ? rowsQuads : rowsAlone],
    constants,
    columns: 256,
  };
}
