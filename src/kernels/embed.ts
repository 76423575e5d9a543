import source from '../../shaders/embed.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';
import { chunkSize, type WeightMatrix, weightReader } from './weights.ts';

/** x[t] = scale · table[tokens[t] − first], where there is such a row. tokens: u32 [T], x: [T, D]. */
export function embed(
  gpu: Gpu,
  { table, first = 0, scale }: { table: WeightMatrix; first?: number; scale: number },
  { tokens, x, pass }: { tokens: Binding; x: Binding; pass: Binding },
): Promise<Dispatch> {
  const { sources, constants } = weightReader(table);
  return planKernel(gpu, {
    name: 'embed',
    sources: [...sources, source],
    constants: { ...constants, SCALE: scale, FIRST: first, ROWS: table.rows },
    buffers: [read(table.buffer), read(tokens), write(x)],
    pass,
    grid: (T) => [ceilDiv(table.columns / chunkSize(table), WORKGROUP), T, 1],
  });
}
