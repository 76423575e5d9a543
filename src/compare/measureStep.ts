/** Times blocks against each other for steps of N tokens, each on whichever of the two sets of kernels is quicker there. */
import type { Gpu } from '../gpu/types.ts';
import type { Path } from './blockPlan.ts';
import { type Block, type Candidate, planCandidate } from './candidates.ts';
import type { Segment, SegmentName, SweepRow } from './contract.ts';
import { type BlockCost, type BlockShape, blockCost } from './costModel.ts';
import { type Limits, shareOfRoofline } from './limits.ts';
import { interleave, longEnough, ROUNDS, type Stopwatch } from './sampler.ts';
import { steady } from './timing.ts';

/** From here on nobody tries decode's kernels, which would read every weight again for each token. */
const MANY = 64;
const SEGMENTS: readonly SegmentName[] = ['route', 'plan', 'up', 'down', 'combine', 'shared'];
/** A repetition of this many milliseconds is slow, and a median of five will have to do. */
const SLOW = 250;
export const FEW_ROUNDS = 5;

/** How often the contenders take turns. @param slowest milliseconds of one repetition of the slowest */
export const roundsFor = (slowest: number, rounds: number): number =>
  slowest > SLOW ? Math.min(FEW_ROUNDS, rounds) : rounds;

export interface StepOptions {
  readonly gpu: Gpu;
  readonly watch: Stopwatch;
  readonly limits: Limits;
  /** Of the MoE, for what is computed. */
  readonly shape: BlockShape;
  readonly bytesPerWeight: number;
  readonly rounds?: number;
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

export interface StepTiming {
  readonly rows: readonly SweepRow[];
  /** Of the block of kind `moe`. */
  readonly segments: readonly Segment[];
}

/**
 * All blocks and the MoE's segments take turns in one run.
 * @throws UserError out-of-memory, no-clock, device-lost; the signal's reason when aborted.
 */
export async function measureStep(
  blocks: readonly Block[],
  tokens: number,
  { gpu, watch, limits, shape, bytesPerWeight, rounds = ROUNDS, onProgress = () => {}, signal }: StepOptions,
): Promise<StepTiming> {
  const candidates: { candidate: Candidate; repeats: number; layers: number }[] = [];
  try {
    let slowest = 0;
    for (const [i, block] of blocks.entries()) {
      onProgress((0.3 * i) / blocks.length);
      const { candidate, repeats, milliseconds } = await quickest(gpu, watch, block, tokens, signal);
      candidates.push({ candidate, repeats, layers: block.layers.length });
      slowest = Math.max(slowest, milliseconds);
    }
    const moe = candidates.find(({ candidate }) => candidate.kind === 'moe');
    const segments = SEGMENTS.flatMap((name) => {
      const work = moe?.candidate.segment(name);
      return work ? [{ name, work }] : [];
    });
    const works = [...candidates.map(({ candidate }) => candidate.work), ...segments.map(({ work }) => work)];
    const timings = await interleave(watch, works, {
      rounds: roundsFor(slowest, rounds),
      repeats: candidates.map(({ repeats }) => repeats),
      onProgress: (done, total) => onProgress(0.3 + (0.7 * done) / total),
      signal,
    });
    return {
      rows: candidates.map(({ candidate: { kind, path }, layers }, i) => {
        const time = steady(timings[i].times, 1 / layers);
        const cost = stepCost(blockCost(kind, shape, tokens, bytesPerWeight), tokens);
        const roofline = shareOfRoofline({ flops: cost.flops, bytes: cost.bytesRead }, time.median, limits);
        return { kind, path, time, ...cost, roofline };
      }),
      segments: segments.map(({ name }, i) => ({
        name,
        time: steady(timings[candidates.length + i].times, 1 / (moe?.layers ?? 1)),
      })),
    };
  } finally {
    for (const { candidate } of candidates) candidate.destroy();
  }
}

/** blockCost() counts FLOPs per token; here everything is of the step. */
const stepCost = (cost: BlockCost, tokens: number): BlockCost => ({ ...cost, flops: cost.flops * tokens });

async function quickest(gpu: Gpu, watch: Stopwatch, block: Block, tokens: number, signal?: AbortSignal) {
  const paths: Path[] = tokens === 1 ? ['few'] : tokens > MANY ? ['many'] : ['few', 'many'];
  const sighted: { candidate: Candidate; repeats: number; milliseconds: number }[] = [];
  try {
    for (const path of paths) {
      signal?.throwIfAborted();
      const candidate = await planCandidate(gpu, block, tokens, path);
      sighted.push({ candidate, repeats: 1, milliseconds: Number.POSITIVE_INFINITY });
      sighted[sighted.length - 1] = { candidate, ...(await longEnough(watch, candidate.work)) };
    }
  } catch (error) {
    for (const { candidate } of sighted) candidate.destroy();
    throw error;
  }
  const [best, ...others] = sighted.sort((a, b) => a.milliseconds - b.milliseconds);
  for (const { candidate } of others) candidate.destroy();
  return best;
}
