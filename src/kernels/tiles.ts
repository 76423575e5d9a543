/**
 * What the matrix × matrix kernels share: how a workgroup multiplies a tile of activation rows with weight rows. They are the
 * slowest to compile in software, so one pipeline serves all shapes; only `staged` has its columns as overrides.
 */
import fewBlocks from '../../shaders/lib/few_blocks.wgsl?raw';
import fewVectors from '../../shaders/lib/few_vectors.wgsl?raw';
import rowsAlone from '../../shaders/lib/rows_alone.wgsl?raw';
import rowsQuads from '../../shaders/lib/rows_quads.wgsl?raw';
import sizes from '../../shaders/lib/sizes.wgsl?raw';
import tile from '../../shaders/lib/tile.wgsl?raw';
import tileAlone from '../../shaders/lib/tile_alone.wgsl?raw';
import tileStaged from '../../shaders/lib/tile_staged.wgsl?raw';
import type { Gpu } from '../gpu/types.ts';
import { type Binding, QUADS, uniform } from './kernel.ts';
import { dotsBlocks, firstScale, isQuantised, stepReader, type WeightMatrix, weightReader } from './weights.ts';

/** Activation rows of one tile, as in shaders/lib/tile_*.wgsl. */
export const TILE = 16;

export interface TileProduct {
  readonly directives: readonly string[];
  /** Source of multiply_tile(), and its constants. */
  readonly sources: readonly string[];
  readonly constants: Record<string, number>;
  /** What the kernels bind as `sizes`. */
  readonly sizes: readonly [GPUBufferBindingType, Binding];
  /** Weight rows of each of a tile's two sets. */
  readonly columns: number;
}

/** What else decides what a kernel computes; not all of them use all of it. */
interface TileOptions {
  readonly k?: number;
  readonly scale?: number;
  readonly accumulate?: boolean;
  readonly place?: { readonly stride: number; readonly offset: number };
}

export function tileProduct(gpu: Gpu, weight: WeightMatrix, options: TileOptions = {}): TileProduct {
  const { tuning } = gpu;
  const bound = uniform(gpu.constants(sizeWords(weight, options)));
  if (tuning.gemm === 'staged') {
    const { sources, constants } = weightReader(weight);
    return { directives: [], sources: [...sources, sizes, tile, tileStaged], constants, sizes: bound, columns: 64 };
  }
  const { sources, constants } = stepReader(weight);
  const quads = tuning.gemm === 'quads';
  const few = dotsBlocks(weight) ? fewBlocks : fewVectors;
  return {
    directives: quads ? QUADS : [],
    sources: [...sources, sizes, tile, tileAlone, quads ? rowsQuads : rowsAlone, few],
    // Those are told by `sizes` where the scales are, and call nothing that hangs on the constant.
    constants: isQuantised(weight) ? { ...constants, SCALES: 0 } : constants,
    sizes: bound,
    columns: 256,
  };
}

/** As in shaders/lib/sizes.wgsl. */
function sizeWords(weight: WeightMatrix, { k = 1, scale = 1, accumulate = false, place }: TileOptions): Uint32Array {
  const { stride, offset } = place ?? { stride: weight.rows, offset: 0 };
  const sizes = [weight.columns, weight.rows, 8 * firstScale(weight), k, 0, Number(accumulate)];
  const words = Uint32Array.of(...sizes, stride, offset);
  new Float32Array(words.buffer)[4] = scale;
  return words;
}
