/** Shapes whose rows fill no whole chunk, on the GPU: the logits of the CPU engine, which tests/oracle compares with llama.cpp. */
import { afterAll, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/engine.ts';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { createGpu } from '../../src/gpu/device.ts';
import { loadModel } from '../../src/model/load.ts';
import { instance } from '../kernels/device.ts';
import { ODD_SHAPES, randomModel } from '../model/randomModel.ts';

const { gpu, info } = await findGpu(instance);
const found = { info, gpu: createGpu(gpu.device, { software: true, tuning: { few: 4 } }) };
afterAll(() => gpu.device.destroy());
const IDS = [3, 141, 59, 26, 53, 58, 97, 93, 23];

/** The others differ from these in what no kernel sees. */
const ON_GPU = [
  'width 66',
  'all odd, norms over the width',
  'f16, width 68, three heads of 20',
  'quantised, 16 heads of 6',
];

it.each(ON_GPU.map((name) => [name, ODD_SHAPES[name]] as const))(
  '%s, by prefill and by decode',
  async (_, [architecture, options]) => {
    const model = loadModel(randomModel(architecture, options));
    const engine = await createWebGpuEngine(model, found);
    const { logits } = await createCpuEngine(model).forward(IDS);
    const size = Math.sqrt(logits.reduce((sum, x) => sum + x * x, 0));
    const error = (here: Float32Array) => Math.sqrt(here.reduce((sum, x, i) => sum + (x - logits[i]) ** 2, 0)) / size;
    expect(error((await engine.forward(IDS)).logits)).toBeLessThan(1e-5);
    engine.truncate(0);
    const one: number[] = [];
    for (const id of IDS) one.push(...(await engine.forward([id])).logits);
    expect(error(Float32Array.from(one))).toBeLessThan(1e-5);
  },
);
