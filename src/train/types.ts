/** What a trainer is told and what it tells, whether it runs on the GPU or on the CPU. */
import type { BlockShape } from '../reference/block/layout.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import type { PainterShape } from '../reference/painter/shape.ts';

export type Balance = 'aux' | 'bias' | 'none';

/** Decided for a whole run. */
export interface RunOptions {
  readonly shape: PainterShape;
  readonly picture: Pixels;
  /** Pixels of a step. */
  readonly batch: number;
  readonly seed: number;
}

/** May change between two steps. */
export interface Settings {
  readonly rate: number;
  /** Steps until the rate is whole. */
  readonly warmup: number;
  /** Largest norm of a gradient; 0: any. */
  readonly clip: number;
  /** Of the average of the weights that is shown. */
  readonly ema: number;
  readonly balance: Balance;
  /** Weight of the balancing loss. */
  readonly aux: number;
  /** What loss-free balancing moves a bias by in a step. */
  readonly biasSpeed: number;
  /** Between these steps the rate falls to almost nothing. */
  readonly decay: { readonly from: number; readonly to: number } | null;
}

export interface StepReport {
  readonly step: number;
  /** Mean of the step's rows: squared error of colours from -1 to 1, or cross-entropy in nats. */
  readonly loss: number;
  /** Of the gradient, before clipping. */
  readonly norm: number;
  /** Slots of every expert, a list for each layer with a router. */
  readonly loads: readonly (readonly number[])[];
}

export interface Painting {
  /** RGBA. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** The first expert of every pixel, a list for each layer with a router. */
  readonly territories: readonly Uint8Array<ArrayBuffer>[];
}

/** What a run goes on from. Weights and what the optimizer keeps are in the order of the layout; the bias is [L, E]. */
export interface SavedRun {
  readonly steps: number;
  readonly weights: Floats;
  readonly average: Floats;
  readonly first: Floats;
  readonly second: Floats;
  readonly bias: Floats;
}
type Floats = Float32Array<ArrayBuffer>;

/** What trainers of both tasks can do. */
export interface Trains {
  /** Steps done. */
  readonly steps: number;
  settings: Settings;
  /** Does so many steps, at most MOST_STEPS, and tells of each. */
  advance(count: number): Promise<StepReport[]>;
  /** What it has come to, to go on from. */
  save(): Promise<SavedRun>;
  /** Goes on from there. @throws RangeError where that is of another shape */
  load(saved: SavedRun): void;
}

export interface Trainer extends Trains {
  readonly options: RunOptions;
  /** Paints the whole picture. @param off switched-off experts, as layer · E + expert; training knows nothing of them. */
  paint(off?: ReadonlySet<number>): Promise<Painting>;
  destroy(): void;
}

/** Of one call of advance(). */
export const MOST_STEPS = 32;
/** A painting names an expert in a byte, and its layers in four. */
export const MOST_LAYERS = 4;
export const MOST_EXPERTS = 64;

export const DEFAULT_SETTINGS: Settings = {
  rate: 0.01,
  warmup: 50,
  clip: 1,
  ema: 0.98,
  balance: 'aux',
  aux: 0.01,
  biasSpeed: 0.01,
  decay: null,
};

export const DEFAULT_SHAPE: PainterShape = {
  width: 64,
  layers: 2,
  hidden: 64,
  experts: 16,
  k: 1,
  octaves: 7,
  routerReads: 'place',
};

export type Model = 'moe' | 'dense-active' | 'dense-total';

/** The MoE, or a dense model that does as much for each row, or that has as many parameters. */
export function twinOf<Shape extends BlockShape>(shape: Shape, model: Model): Shape {
  if (model === 'moe') return shape;
  const experts = model === 'dense-active' ? shape.k : shape.experts;
  return { ...shape, hidden: experts * shape.hidden, experts: 1, k: 1 };
}
