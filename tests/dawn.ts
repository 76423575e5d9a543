/** Node's WebGPU for the tests. */
import { create, globals } from 'webgpu';
import { NO_ZEROING } from '../src/cli/nodeGpu.ts';

/** An instance that is collected while anything of its devices is on its way leaves its process waiting for ever. */
const kept: GPU[] = [];
Object.assign(globalThis, globals, { instancesOfDawn: kept });

/**
 * While something is on its way Dawn asks by setImmediate for every turn of the event loop to look for it. A core would be
 * busy with nothing but that, which the software adapter, or what runs beside the tests, can use: so after every few turns
 * the next one comes a millisecond later.
 */
const { setImmediate: atOnce, setTimeout: later } = globalThis;
const QUICK_TURNS = 8;
let turns = 0;
function inTurn(run: () => void, ...given: []): NodeJS.Immediate | NodeJS.Timeout {
  const isDawn = /\[native code\]/.test(Function.prototype.toString.call(run));
  return isDawn && ++turns % QUICK_TURNS === 0 ? later(run, 1) : atOnce(run, ...given);
}
Object.assign(globalThis, { setImmediate: Object.assign(inTurn, atOnce) });

/**
 * Browsers zero workgroup memory before every workgroup. Without it a kernel that relies on that shows, and SwiftShader,
 * which unrolls the zeroing, compiles the kernels with barriers up to fifteen times as fast.
 */
export function createInstance(flags: string[] = [NO_ZEROING]): GPU {
  const instance = create(flags);
  kept.push(instance);
  return instance;
}
