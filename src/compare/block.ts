/**
 * This model's MoE block against its dense twins on the visitor's GPU: the same kernels, the same weights in the same
 * format, so that a difference in time is a difference in work. Times are of whole blocks (norm, router and combine
 * included), averaged over the layers, in rounds whose order turns so that drift hits all alike.
 */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { encode } from '../gpu/dispatch.ts';
import { createPassTimer, type PassTimer } from '../gpu/timestamps.ts';
import { MAX_CHOSEN } from '../kernels/route.ts';
import { UserError } from '../model/errors.ts';
import type { ModelConfig } from '../model/types.ts';
import { type Candidate, prepare } from './candidates.ts';
import { type BlockKind, blockCost } from './costModel.ts';
import { summarise } from './timing.ts';
import { bytesPerWeight } from './twins.ts';
import type { BlockComparison } from './types.ts';

const KINDS: readonly BlockKind[] = ['moe', 'same-active', 'same-total', 'all-on'];
/** Browsers coarsen the clock to about 0.1 ms: a sample must be long. */
const SAMPLE_MILLISECONDS = 20;
const ROUNDS = 9;
/** A block that is still too short then is none. */
const MAX_REPEATS = 2 ** 14;
const NO_CLOCK = 'The GPU’s clock gives no usable times.';

/**
 * @param tokens per step; 1 is decode.
 * @throws UserError out-of-memory, device-lost, wrong-results, no-clock; the signal's reason when aborted.
 */
export async function compareBlock(
  engine: WebGpuEngine,
  tokens: number,
  onProgress: (done: number, total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<BlockComparison> {
  const { config, weights } = engine.model;
  const candidates: Candidate[] = [];
  const timer = createPassTimer(engine.gpu.device);
  try {
    for (const kind of KINDS.filter((each) => isPossible(each, config))) {
      candidates.push(await prepare(engine, kind, tokens));
      signal?.throwIfAborted();
    }
    const repeats: number[] = [];
    for (const candidate of candidates) {
      repeats.push(await longEnough(engine, candidate, tokens, timer));
      signal?.throwIfAborted();
    }
    const times = candidates.map(() => [] as number[]);
    const total = ROUNDS * candidates.length;
    for (let i = 0; i < total; i++) {
      const place = (i + Math.floor(i / candidates.length)) % candidates.length;
      const blocks = repeats[place] * config.layers * tokens;
      times[place].push((await sample(engine, candidates[place], tokens, repeats[place], timer)) / blocks);
      onProgress(i + 1, total);
      signal?.throwIfAborted();
    }
    const { type } = weights.layers[0].gate;
    return {
      info: engine.info,
      tokens,
      rows: candidates.map(({ kind }, i) => ({
        kind,
        time: summarise(times[i]),
        ...blockCost(kind, config, tokens, bytesPerWeight(type)),
      })),
      method: {
        clock: timer.available ? 'timestamps' : 'wall',
        repeats: [Math.min(...repeats) * config.layers, Math.max(...repeats) * config.layers],
        weights: type,
        layers: config.layers,
      },
    };
  } finally {
    for (const candidate of candidates) candidate.destroy();
    timer.destroy();
  }
}

/** A dense model has but one shape; the router chooses at most 16 experts, so a larger E cannot be all on. */
function isPossible(kind: BlockKind, { experts }: ModelConfig): boolean {
  if (experts === 1) return kind === 'same-total';
  return kind !== 'all-on' || experts <= MAX_CHOSEN;
}

/**
 * Repeats that fill a sample, found by doubling, which warms the clocks as well. The first run pays for compiling; a run
 * that the coarse clock does not see at all is simply too short.
 */
async function longEnough(
  engine: WebGpuEngine,
  candidate: Candidate,
  tokens: number,
  timer: PassTimer,
): Promise<number> {
  await once(engine, candidate, tokens, 1, timer);
  for (let repeats = 1; repeats <= MAX_REPEATS; repeats *= 2) {
    if (((await once(engine, candidate, tokens, repeats, timer)) ?? 0) >= SAMPLE_MILLISECONDS) return repeats;
  }
  throw new UserError('no-clock', NO_CLOCK, 'Try again when the machine is idle.');
}

/**
 * Milliseconds of `repeats` rounds through every layer. With the GPU's clock that is what the pass took; by the wall
 * clock it is what twice the rounds take longer, so that submitting and waking up cancel out.
 */
async function sample(
  engine: WebGpuEngine,
  candidate: Candidate,
  tokens: number,
  repeats: number,
  timer: PassTimer,
): Promise<number> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const first = await once(engine, candidate, tokens, repeats, timer);
    if (timer.available && first !== null) return first;
    if (timer.available || first === null) continue;
    const second = await once(engine, candidate, tokens, 2 * repeats, timer);
    if (second !== null && second > first) return second - first;
  }
  throw new UserError('no-clock', NO_CLOCK, 'Try again when the machine is idle.');
}

/** One submit; null where the clock stood still or ran backwards, which is no measurement. */
async function once(
  engine: WebGpuEngine,
  { inputs }: Candidate,
  tokens: number,
  repeats: number,
  timer: PassTimer,
): Promise<number | null> {
  const { device } = engine.gpu;
  const encoder = device.createCommandEncoder();
  const compute = encoder.beginComputePass({ timestampWrites: timer.timestampWrites });
  for (let i = 0; i < repeats; i++) encode(compute, inputs[i % inputs.length], tokens);
  compute.end();
  timer.resolve(encoder);
  const start = performance.now();
  device.queue.submit([encoder.finish()]);
  await engine.arrival(device.queue.onSubmittedWorkDone());
  const wall = performance.now() - start;
  if (!timer.available) return wall;
  const nanoseconds = await engine.arrival(timer.read());
  return nanoseconds ? nanoseconds / 1e6 : null;
}
