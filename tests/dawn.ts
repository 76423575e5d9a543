/** Node's WebGPU for the tests. */
import { create, globals } from 'webgpu';
import { NO_ZEROING } from '../src/cli/nodeGpu.ts';

/** An instance that is collected while anything of its devices is on its way leaves its process waiting for ever. */
const kept: GPU[] = [];
Object.assign(globalThis, globals, { instancesOfDawn: kept });

/**
 * Browsers zero workgroup memory before every workgroup. Without it a kernel that relies on that shows, and SwiftShader,
 * which unrolls the zeroing, compiles the kernels with barriers up to fifteen times as fast.
 */
export function createInstance(flags: string[] = [NO_ZEROING]): GPU {
  const instance = create(flags);
  kept.push(instance);
  return instance;
}
