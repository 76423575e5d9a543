import slotSource from '../../shaders/lib/slot.wgsl?raw';
import tilesSource from '../../shaders/lib/tiles.wgsl?raw';
import source from '../../shaders/plan.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { type Binding, ceilDiv, planKernel, read, WORKGROUP, write } from './kernel.ts';
import { TILE } from './tiles.ts';

export interface PlanShape {
  readonly experts: number;
  readonly k: number;
}

/**
 * Most tiles that T·K slots over E experts can make: whole tiles, and one ragged tile for every expert in use.
 * The grouped GEMMs launch that many workgroups and the spare ones leave at once. Indirect dispatch would be exact, but
 * browsers validate its arguments with a dispatch of their own (gpuweb 4460, onnxruntime PR 26334), and measured in turns
 * the two do not differ: see docs/benchmark.md.
 */
export const maxTiles = (tokens: number, { experts, k }: PlanShape): number =>
  ceilDiv(tokens * k, TILE) + Math.min(experts, tokens * k);

/** Bytes of the tile list {count: u32, pad: u32, (expert: u32, first: u32)[maxTiles]}. */
export const tileListBytes = (maxTokens: number, shape: PlanShape): number => 8 + 8 * maxTiles(maxTokens, shape);

/**
 * Groups slots by expert. slots: [T·K]; offsets: u32 [E + 1]; order: u32 [maxTokens·K], stable; tiles: tileListBytes().
 * T·K is limited by the buffers alone (maxTokens·K entries); time grows with T·K·E / 256 on one workgroup.
 */
export function plan(
  gpu: Gpu,
  { experts, k }: PlanShape,
  {
    slots,
    offsets,
    order,
    tiles,
    pass,
  }: { slots: Binding; offsets: Binding; order: Binding; tiles: Binding; pass: Binding },
): Promise<Dispatch> {
  // On SwiftShader every word of workgroup memory takes time to compile, and most models have few experts.
  const size = gpu.tuning.workgroups === 'small' && experts <= WORKGROUP ? WORKGROUP : 256;
  return planKernel(gpu, {
    name: 'plan',
    sources: [slotSource, tilesSource, source],
    constants: { EXPERTS: experts, CHOSEN: k, SIZE: size, PARTS: Math.max(1, Math.floor(size / experts)), TILE },
    buffers: [read(slots), write(offsets), write(order), write(tiles)],
    pass,
    grid: () => [1, 1, 1],
  });
}
