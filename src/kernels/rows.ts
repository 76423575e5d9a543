/** What the matrix × vector kernels share: lanes that read a weight row together, four rows at a time. */
import dotBlocks from '../../shaders/lib/dot_blocks.wgsl?raw';
import dotRows from '../../shaders/lib/dot_rows.wgsl?raw';
import normedRow from '../../shaders/lib/normed_row.wgsl?raw';
import xAlone from '../../shaders/lib/x_alone.wgsl?raw';
import xQuads from '../../shaders/lib/x_quads.wgsl?raw';
import type { Gpu, Tuning } from '../gpu/types.ts';
import { ceilDiv, QUADS, reduction, WORKGROUP } from './kernel.ts';
import { chunkSize, dotsBlocks, stepReader, type WeightMatrix, weightReader } from './weights.ts';

/** Output rows of one group of lanes, as in dot_rows.wgsl. */
const ROWS_PER_GROUP = 4;
/** Rows of a matrix at most: WebGPU launches 65,535 workgroups, each of at least one group of lanes. */
export const MOST_ROWS = ROWS_PER_GROUP * 65535;

/**
 * Invocations of a workgroup that reads in quads: 64 rows. Of 256 more would leave some cores of a software adapter idle,
 * and narrow matrices have no more.
 */
const QUADS_GROUP = 16;

export interface RowReader {
  /** Source of dot_rows() and sum_lanes(), and what they need. */
  readonly directives: readonly string[];
  readonly sources: readonly string[];
  readonly constants: Record<string, number>;
  /** Workgroups that all rows of one matrix take. */
  readonly workgroups: number;
}

export function rowReader(gpu: Gpu, weight: WeightMatrix): RowReader {
  const wanted = lanesFor(gpu.tuning, weight.columns / chunkSize(weight));
  const { lanes, directives, source, constants } = reduction(gpu, wanted);
  const quads = lanes === 1 && gpu.tuning.share === 'subgroup';
  const group = quads ? QUADS_GROUP : WORKGROUP;
  const byBlock = lanes === 1 && dotsBlocks(weight);
  const whole = weightReader(weight);
  const reader = byBlock ? stepReader(weight) : whole;
  return {
    directives: quads ? QUADS : directives,
    sources: [source, ...reader.sources, quads ? xQuads : xAlone, byBlock ? dotBlocks : dotRows],
    constants: { ...constants, ...whole.constants, ...reader.constants, GROUP: group },
    workgroups: ceilDiv(ceilDiv(weight.rows, ROWS_PER_GROUP) * lanes, group),
  };
}

/**
 * A short row has no more lanes than chunks to share out (256 columns of q4_0 are eight). A long one, such as the down
 * matrix of a wide dense FFN, gets up to 64, two chunks each: its few rows would leave most of a GPU idle otherwise.
 */
function lanesFor({ lanes }: Tuning, chunks: number): number {
  if (lanes === 1) return 1;
  const most = 2 ** Math.floor(Math.log2(chunks));
  return Math.min(most, Math.max(lanes, Math.min(64, most / 2)));
}

/** RMSNorm folded into a kernel that reads rows of x: source of activation() and norm_factor(), and their constants. */
export function rowNorm(norm: { epsilon: number } | null): {
  source: string;
  constants: Record<string, number>;
} {
  return { source: normedRow, constants: { NORM: norm ? 1 : 0, EPSILON: norm?.epsilon ?? 0 } };
}
