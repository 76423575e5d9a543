/** A comparison made by formula, for tests that need one and no GPU. */
import { type BlockKind, blockCost, expectedExpertsTouched } from '../../src/compare/costModel.ts';
import { crossings } from '../../src/compare/crossings.ts';
import { type Limits, shareOfRoofline } from '../../src/compare/limits.ts';
import type { Comparison } from '../../src/state/saves/comparison.ts';
import type {
  LayerTiming,
  Quality,
  QualityPoint,
  QualityReading,
  SteadyTime,
  SweepPoint,
} from '../../src/worker/protocol.ts';

const KINDS: readonly BlockKind[] = ['moe', 'same-active', 'same-total', 'all-on'];
export const SHAPE = { width: 256, expertHidden: 128, experts: 16, expertsPerToken: 2 };
const rate = (value: number) => ({ rate: value, spread: value / 100, samples: 9 });
const LIMITS: Limits = { bytes: 2 ** 28, read: rate(2e11), copy: rate(1.8e11), fma: rate(5e12) };

export function steadyTime(median: number, spread = median / 50): SteadyTime {
  const ends = { low: median - spread, high: median + spread };
  return { median, spread, samples: 9, ...ends, firstHalf: median, secondHalf: median, unsteady: spread > median / 5 };
}

/** Times that grow with the bytes read, and with the tokens for whoever multiplies more. */
export function pointOf(tokens: number): SweepPoint {
  const rows = KINDS.map((kind) => {
    const cost = blockCost(kind, SHAPE, tokens, 0.5625);
    const flops = cost.flops * tokens;
    const milliseconds = cost.bytesRead / 1e8 + flops / 2e9 + (kind === 'moe' ? 0.002 : 0);
    const roofline = shareOfRoofline({ flops, bytes: cost.bytesRead }, milliseconds, LIMITS);
    return { kind, path: 'few' as const, time: steadyTime(milliseconds), ...cost, flops, roofline };
  });
  const predicted = expectedExpertsTouched(SHAPE.experts, SHAPE.expertsPerToken, tokens);
  return {
    tokens,
    rows,
    segments: (['route', 'up', 'down'] as const).map((name) => ({ name, time: steadyTime(rows[0].time.median / 3) })),
    touched: { predicted, measured: 0.9 * predicted, windows: 40 },
    bytesReadMeasured: blockCost('moe', SHAPE, tokens, 0.5625, 0.9 * predicted).bytesRead,
  };
}

export function comparisonOf(batches: readonly number[]): Comparison {
  const points = batches.map(pointOf);
  return {
    model: 'a model',
    browser: 'Chromium 156',
    date: '2026-11-26T04:00:00.000Z',
    lost: null,
    info: { kind: 'webgpu', name: 'a GPU', fallback: false, features: [] },
    ...{ shape: SHAPE, limits: LIMITS, points, crossings: crossings(points) },
    method: { clock: 'timestamps', rounds: 9, sampleMilliseconds: 20, weights: 'q4_0', layers: 6, discarded: 0 },
  };
}

export const reading = (domain: string, bitsPerByte: number): QualityReading => ({
  ...{ domain, title: domain, bitsPerByte, nats: 2 * bitsPerByte, tokens: 100, bytes: 300 },
});

/** Three kinds of text, one of them with another loss each. */
export function qualityPoint(
  role: QualityPoint['model']['role'],
  k: number | null,
  loss: number,
  milliseconds: number,
  over: Partial<QualityPoint> & { spread?: number } = {},
): QualityPoint {
  const { spread = 0.1, ...others } = over;
  return {
    model: { id: role, title: role, role },
    ...{ tokensSeen: 1000, k, trained: k === null || k === 2, pasted: null, leftOut: 0, flops: 10, bytesRead: 5 },
    heldout: reading('held-out', loss),
    domains: [reading('code', loss + 1), reading('verse', loss - 1)],
    time: { ...steadyTime(milliseconds, spread), samples: 5, firstHalf: 1, secondHalf: 1, unsteady: false },
    info: { kind: 'webgpu', name: 'a GPU', fallback: false, features: [] },
    ...others,
  };
}

export const qualityOf = (points: readonly QualityPoint[]): Quality => ({
  ...{ points, reader: null, tokensPerSample: 32, discarded: 0 },
});

/** A layer whose MoE takes `median` milliseconds for one token. */
export function layerOf(id: string, median: number, slice: LayerTiming['slice'] = null): LayerTiming {
  const { info, shape, limits, method } = comparisonOf([1]);
  const step = (tokens: number) => ({ ...pointOf(tokens), tokens });
  const decode = step(1);
  const rows = decode.rows.map((row) => (row.kind === 'moe' ? { ...row, time: steadyTime(median) } : row));
  return {
    ...{
      info,
      id,
      name: id,
      precision: 'q4_0',
      slice,
      shape,
      decode: { ...decode, rows },
      prefill: step(128),
      lost: null,
    },
    ...{ limits, method },
    wholeModel: slice ? null : { milliseconds: 48 * median, moeLayers: 48, otherBytes: 1e9, bytesNeeded: 17e9 },
  };
}
