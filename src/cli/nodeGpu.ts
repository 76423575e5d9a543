/** WebGPU in Node, by the optional package `webgpu` (Dawn). */
import { type FoundGpu, findGpu } from '../engine/webgpu/adapter.ts';
import { UserError } from '../model/errors.ts';
import type { Host } from './host.ts';

/** What takes most of a software adapter's time to compile: no kernel relies on it, as the tests make sure. */
export const NO_ZEROING = 'enable-dawn-features=disable_workgroup_init';

/** Kept for the life of the process: one that is collected while anything of its devices is on its way never lets it end. */
const instances: GPU[] = [];

/** A device, or null where the package is missing or finds no Vulkan driver: then a browser may still have one. */
export async function openNodeGpu(host: Host): Promise<FoundGpu | null> {
  const dawn = await host.load.webgpu().catch(() => null);
  if (!dawn) return null;
  Object.assign(globalThis, dawn.globals);
  const open = (flags: string[]) => {
    const instance = dawn.create(flags);
    instances.push(instance);
    return findGpu(instance);
  };
  try {
    const found = await open([]);
    if (!found.info.fallback) return found;
    found.gpu.device.destroy();
    return await open([NO_ZEROING]);
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-adapter') return null;
    throw error;
  }
}
