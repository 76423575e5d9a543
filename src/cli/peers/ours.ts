/** This project as one contender among others, from values in memory to values in memory. */
import { findGpu } from '../../engine/webgpu/adapter.ts';
import { createMoeLayer } from '../../engine/webgpu/moeLayer.ts';
import { createBuffer, PASS_STATE, uploadBuffer } from '../../gpu/buffers.ts';
import { encode } from '../../gpu/dispatch.ts';
import type { Gpu, Tuning } from '../../gpu/types.ts';
import { mapForReading } from '../../gpu/waits.ts';
import { gemv } from '../../kernels/gemv.ts';
import { matmul } from '../../kernels/matmul.ts';
import { uploadWeights } from '../../kernels/weights.ts';
import type { Contender, LayerData, MatmulData } from './contender.ts';

/** The module that the build offers as moe-layer.js. */
export async function ourLayer({ shape, x, router, f32, q4 }: LayerData, tuning: Partial<Tuning>): Promise<Contender> {
  const weights = { router, ...f32, q4: { block: 32, ...q4 } };
  const layer = await createMoeLayer({ ...shape, weights, tuning });
  return { note: layer.note, run: () => layer.run(x), destroy: () => layer.destroy() };
}

/** The dense kernel, weights in f32. */
export async function ourMatmul({ shape, a, bT }: MatmulData, tuning: Partial<Tuning>): Promise<Contender> {
  const { M, K, N } = shape;
  const found = await findGpu(navigator.gpu);
  const gpu: Gpu = { ...found.gpu, tuning: { ...found.gpu.tuning, ...tuning } };
  const { device } = gpu;
  const data = new Uint8Array(bT.buffer);
  const weight = uploadWeights(gpu, { name: 'b', type: 'f32', shape: [K, N], data });
  const buffers = {
    x: createBuffer(device, 'x', a.byteLength),
    y: createBuffer(device, 'y', 4 * M * N),
    pass: uploadBuffer(device, 'pass', Uint32Array.of(M, 0, 0, 0), PASS_STATE),
  };
  const dispatch =
    M <= 8
      ? await gemv(gpu, { weight, norm: null, accumulate: false, scale: 1 }, buffers)
      : await matmul(gpu, { weight, accumulate: false, scale: 1 }, buffers);
  const staging = device.createBuffer({ size: 4 * M * N, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    note: `f32, ${JSON.stringify(gpu.tuning)}`,
    async run() {
      device.queue.writeBuffer(buffers.x, 0, a);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass, [dispatch], M);
      pass.end();
      encoder.copyBufferToBuffer(buffers.y, 0, staging, 0, 4 * M * N);
      device.queue.submit([encoder.finish()]);
      await mapForReading(device, staging);
      const y = new Float32Array(staging.getMappedRange().slice(0));
      staging.unmap();
      return y;
    },
    destroy: () => device.destroy(),
  };
}
