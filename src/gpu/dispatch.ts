/** Runs planned dispatches. */
import type { Dispatch } from './types.ts';

/** Encodes dispatches, in order, into an open compute pass. */
export function encode(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], tokens: number): void {
  for (const { pipeline, bindGroup, grid } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...grid(tokens));
  }
}

/** One submit of one compute pass, and of what is encoded behind it. */
export function run(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  tokens: number,
  behind: (encoder: GPUCommandEncoder) => void = () => {},
): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass, dispatches, tokens);
  pass.end();
  behind(encoder);
  device.queue.submit([encoder.finish()]);
}
