/** What one more token costs in calls: a dispatch takes 24–70 µs of a driver's time, a submit and its mapping milliseconds. */
import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { findGpu } from '../../src/engine/webgpu/adapter.ts';
import { createWebGpuEngine } from '../../src/engine/webgpu/load.ts';
import { loadModel } from '../../src/model/load.ts';
import { createInstance } from '../dawn.ts';

const instance = createInstance();
const found = await findGpu(instance);
const { device } = found.gpu;
afterAll(() => device.destroy());

/** Kernels dispatched and submits made from now on, as the device sees them. */
function watchCalls() {
  const calls = { kernels: [] as string[], submits: 0 };
  const createEncoder = device.createCommandEncoder.bind(device);
  const submit = device.queue.submit.bind(device.queue);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createEncoder(descriptor);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (options) => {
      const pass = begin(options);
      const [setPipeline, dispatch] = [pass.setPipeline.bind(pass), pass.dispatchWorkgroups.bind(pass)];
      let kernel = '';
      pass.setPipeline = (pipeline) => {
        kernel = pipeline.label;
        setPipeline(pipeline);
      };
      pass.dispatchWorkgroups = (...grid) => {
        calls.kernels.push(kernel);
        dispatch(...grid);
      };
      return pass;
    };
    return encoder;
  };
  device.queue.submit = (buffers) => {
    calls.submits++;
    submit(buffers);
  };
  return calls;
}

it('the shipped model decodes a token in at most 50 dispatches: 7 a layer, 3 of them the experts’', async () => {
  const model = loadModel(new Uint8Array(readFileSync(new URL('../../public/models/moe.gguf', import.meta.url))));
  const engine = await createWebGpuEngine(model, found);
  const calls = watchCalls();
  const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
  let tokens = 0;
  let before = { dispatches: 0, submits: 0 };
  for await (const batch of engine.generate({ ids: [1], maxTokens: 9, sampling })) {
    if (before.submits === 0) before = { dispatches: calls.kernels.length, submits: calls.submits };
    else tokens += batch.count;
  }
  expect(tokens).toBe(8);
  expect(calls.submits - before.submits).toBeLessThanOrEqual(tokens);
  const kernels = calls.kernels.slice(before.dispatches);
  expect(kernels.length / tokens).toBeLessThanOrEqual(50);

  const steps = tokens * model.config.layers;
  const count = (...names: string[]) => kernels.filter((name) => names.includes(name)).length;
  const around = count('embed', 'sample') + tokens; // and the head's matrix
  expect(count('embed')).toBe(tokens);
  expect((kernels.length - around) / steps).toBeLessThanOrEqual(7);
  const routed = count('route', 'expert_up', 'expert_down');
  expect(routed / steps).toBeLessThanOrEqual(3);
  expect(routed).toBeGreaterThan(0);
});
