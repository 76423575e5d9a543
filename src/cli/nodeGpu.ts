/** WebGPU in Node, by the optional package `webgpu` (Dawn). */
import { type FoundGpu, findGpu } from '../engine/webgpu/adapter.ts';
import { UserError } from '../model/errors.ts';
import type { Host } from './host.ts';

/** Kept for the life of the process: Dawn's instance must not be collected while its device is in use. */
let instance: GPU | null = null;

/** A device, or null where the package is missing or finds no Vulkan driver: then a browser may still have one. */
export async function openNodeGpu(host: Host): Promise<FoundGpu | null> {
  const dawn = await host.load.webgpu().catch(() => null);
  if (!dawn) return null;
  Object.assign(globalThis, dawn.globals);
  instance = dawn.create([]);
  try {
    return await findGpu(instance);
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-adapter') return null;
    throw error;
  }
}
