/** Why no times stand where times would: said in words wherever they are missed. */
import type { EngineInfo } from '../engine/types.ts';

/** @param info of the engine that is open; none while a recording plays */
export function untimed(info: EngineInfo | undefined): string {
  if (!info) return 'Times are measured once the model runs on this machine.';
  if (info.kind === 'cpu') return 'Times are measured on WebGPU only; here the CPU computes.';
  if (info.fallback) return 'This adapter is software: its times say nothing about a GPU.';
  return 'Measured here once the text rests.';
}
