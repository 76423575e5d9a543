/** A lost device answers no error scope. Nobody waits for these answers, so nobody would catch what they throw. */
import { expect, it, vi } from 'vitest';
import { createGpu } from '../../src/gpu/device.ts';
import { withRoom } from '../../src/worker/trainingOpening.ts';

const popErrorScope = async () => {
  throw new DOMException('The device was lost.', 'OperationError');
};
const device = {
  ...{ features: new Set(), pushErrorScope: () => {}, popErrorScope },
  ...{ createShaderModule: () => ({}), createPipelineLayout: () => ({}), createBindGroupLayout: () => ({}) },
  createComputePipelineAsync: async () => ({}),
} as unknown as GPUDevice;

it('leaves nothing uncaught where a kernel is compiled', async () => {
  vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 });
  const uncaught = vi.fn();
  process.on('unhandledRejection', uncaught);
  await createGpu(device).pipeline({ name: 'any', code: '', bindings: [] });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', uncaught);
  expect(uncaught).not.toHaveBeenCalled();
});

it('lets the models of a race say what was wrong', async () => {
  const trainer = { destroy: vi.fn() };
  expect(await withRoom(device, async () => trainer)).toBe(trainer);
  expect(trainer.destroy).not.toHaveBeenCalled();
  const failing = withRoom(device, async () => {
    throw new Error('The loss of the device.');
  });
  await expect(failing).rejects.toThrow('The loss of the device.');
});
