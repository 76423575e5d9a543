/** The WebGPU engine for these tests, or why there is none: npm test sets the environment of the software adapter. */
import { type FoundGpu, findGpu } from '../../src/engine/webgpu/adapter.ts';

/** A device, or the reason why there is none. */
export async function openGpu(): Promise<FoundGpu | string> {
  try {
    const { createInstance } = await import('../dawn.ts');
    return await findGpu(createInstance());
  } catch (error) {
    return (error as Error).message;
  }
}
