/**
 * Runs every kernel on small random inputs on the visitor's own GPU, and compares with the f64 twins. Drivers do get
 * single kernels wrong (llama.cpp issue 23925: gibberish on one browser only, after a refactoring), and an index out of
 * bounds is clamped, never trapped: a wrong kernel gives plausible wrong text. Better to know before the first token.
 */
import { readBuffer } from '../gpu/buffers.ts';
import { encode } from '../gpu/dispatch.ts';
import type { Gpu } from '../gpu/types.ts';
import { CASES, type Plan } from './selfTestCases.ts';
import { type Case, Inputs, type Output } from './selfTestInputs.ts';

export interface SelfTest {
  readonly milliseconds: number;
  readonly checks: readonly KernelCheck[];
}

interface KernelCheck {
  readonly kernel: string;
  readonly ok: boolean;
  /** Largest error relative to the largest value expected; Infinity where the kernel did not even compile. */
  readonly error: number;
}

/** Ten times what the tests allow: drivers may use faster, coarser exp and division than the adapters tested. */
const TOLERANCE = 1e-4;

export async function selfTest(gpu: Gpu, cases: Readonly<Record<string, Plan>> = CASES): Promise<SelfTest> {
  const start = performance.now();
  const inputs = new Inputs(gpu);
  // All pipelines compile at the same time.
  const planned = await Promise.all(
    Object.entries(cases).map(async ([kernel, plan]) => ({ kernel, plan: await plan(gpu, inputs).catch(() => null) })),
  );
  const results = await run(
    gpu,
    planned.flatMap(({ plan }) => plan ?? []),
  );
  inputs.destroy();
  const checks = planned.map(({ kernel, plan }) => {
    const errors = plan?.outputs.map((output) => relativeError(results.get(output)!, output.expected));
    const error = errors ? Math.max(...errors) : Number.POSITIVE_INFINITY;
    return { kernel, ok: error <= TOLERANCE, error };
  });
  return { milliseconds: performance.now() - start, checks };
}

/** One submit and one read-back for all cases. */
async function run(gpu: Gpu, cases: readonly Case[]): Promise<Map<Output, ArrayLike<number>>> {
  const { device } = gpu;
  const outputs = cases.flatMap((each) => each.outputs);
  const words = outputs.reduce((sum, { expected }) => sum + expected.length, 0);
  const gathered = device.createBuffer({ size: 4 * words, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { dispatches, tokens } of cases) encode(pass, dispatches, tokens);
  pass.end();
  let end = 0;
  for (const { buffer, first = 0, expected } of outputs) {
    encoder.copyBufferToBuffer(buffer, 4 * first, gathered, 4 * end, 4 * expected.length);
    end += expected.length;
  }
  device.queue.submit([encoder.finish()]);
  const bytes = await readBuffer(device, gathered);
  gathered.destroy();

  const results = new Map<Output, ArrayLike<number>>();
  let begin = 0;
  for (const output of outputs) {
    const { length } = output.expected;
    const View = output.integers ? Uint32Array : Float32Array;
    results.set(output, new View(bytes, 4 * begin, length));
    begin += length;
  }
  return results;
}

/** Largest error, relative to the largest value expected; NaN counts as infinitely wrong. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let largest = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    error = Math.max(error, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return error / largest;
}
