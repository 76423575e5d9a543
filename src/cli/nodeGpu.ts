/** WebGPU in Node, by the optional package `webgpu` (Dawn). */
import { type FoundGpu, findGpu } from '../engine/webgpu/adapter.ts';
import { UserError } from '../model/errors.ts';
import type { Host } from './host.ts';

/** What takes most of a software adapter's time to compile: no kernel relies on it, as the tests make sure. */
export const NO_ZEROING = 'enable-dawn-features=disable_workgroup_init';

/** Kept for the life of the process: Dawn's instance must not be collected while its device is in use. */
let instance: GPU | null = null;

/** A device, or null where the package is missing or finds no Vulkan driver: then a browser may still have one. */
export async function openNodeGpu(host: Host): Promise<FoundGpu | null> {
  const dawn = await host.load.webgpu().catch(() => null);
  if (!dawn) return null;
  Object.assign(globalThis, dawn.globals);
  instance = dawn.create([]);
  try {
    const found = await findGpu(instance);
    if (!found.info.fallback) return found;
    found.gpu.device.destroy();
    instance = dawn.create([NO_ZEROING]);
    return await findGpu(instance);
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-adapter') return null;
    throw error;
  }
}
