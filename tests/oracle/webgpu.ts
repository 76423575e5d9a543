/** The WebGPU engine for these tests, or why there is none: npm test sets the environment of the software adapter. */
import { NO_ZEROING } from '../../src/cli/nodeGpu.ts';
import { type FoundGpu, findGpu } from '../../src/engine/webgpu/adapter.ts';

/** Kept: Dawn's instance must not be collected while its device is in use. */
let instance: GPU | null = null;

/** A device, or the reason why there is none. */
export async function openGpu(): Promise<FoundGpu | string> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    instance = create([NO_ZEROING]);
    return await findGpu(instance);
  } catch (error) {
    return (error as Error).message;
  }
}
