/** What the matrix × vector kernels share: lanes that read a weight row together, four rows at a time. */
import dotRows from '../../shaders/lib/dot_rows.wgsl?raw';
import type { Gpu } from '../gpu/types.ts';
import { ceilDiv, reduction, WORKGROUP } from './kernel.ts';
import { chunkSize, type WeightMatrix, weightReader } from './weights.ts';

/** Output rows of one group of lanes, as in dot_rows.wgsl. */
const ROWS_PER_GROUP = 4;

export interface RowReader {
  /** Source of dot_rows() and sum_lanes(), and their constants. */
  readonly sources: readonly string[];
  readonly constants: Record<string, number>;
  /** Workgroups that all rows of one matrix take. */
  readonly workgroups: number;
}

export function rowReader({ tuning }: Gpu, weight: WeightMatrix): RowReader {
  // No more lanes than a row has chunks to share out: a row of 256 in q4_0 has eight.
  const chunks = weight.columns / chunkSize(weight);
  const lanes = Math.min(tuning.lanes, 2 ** Math.floor(Math.log2(chunks)));
  const { source, constants } = reduction(lanes);
  const reader = weightReader(weight);
  return {
    sources: [source, ...reader.sources, dotRows],
    constants: { ...constants, ...reader.constants },
    workgroups: ceilDiv(ceilDiv(weight.rows, ROWS_PER_GROUP) * lanes, WORKGROUP),
  };
}
