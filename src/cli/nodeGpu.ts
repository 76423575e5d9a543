/** WebGPU in Node, by the optional package `webgpu` (Dawn). */
import { type FoundGpu, findGpu } from '../engine/webgpu/adapter.ts';
import { UserError } from '../model/errors.ts';

/** A device, or null where the package is missing or finds no Vulkan driver: then a browser may still have one. */
export async function openNodeGpu(): Promise<FoundGpu | null> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    const gpu = create([]);
    // Kept for the life of the process: Dawn's instance must not be collected while its device is in use.
    Object.defineProperty(globalThis, 'moescopeGpu', { value: gpu, configurable: true });
    return await findGpu(gpu);
  } catch (error) {
    if (error instanceof UserError && error.code !== 'no-adapter') throw error;
    return null;
  }
}
