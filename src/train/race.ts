/** What a race of a MoE and its dense twin is about, as plain data: it crosses between page and worker, and stands in links. */
import type { Pixels } from '../reference/painter/inputs.ts';
import type { PainterShape } from '../reference/painter/shape.ts';
import type { TextShape } from '../reference/text/shape.ts';
import { TEXT_SETTINGS, TEXT_SHAPE } from './text/types.ts';
import { type Balance, DEFAULT_SETTINGS, DEFAULT_SHAPE, type Model, type Settings } from './types.ts';

export interface RaceSettings {
  readonly task: 'painter' | 'text';
  readonly experts: number;
  readonly k: number;
  /** Hidden units that work for a pixel or character: those of its k experts together, or of the dense model. */
  readonly width: number;
  readonly router: PainterShape['routerReads'];
  readonly seed: number;
  readonly rate: number;
  readonly balance: Balance;
  /** Whether a dense model with as many parameters as the MoE trains beside the two, at its own cost. */
  readonly third: boolean;
  /** The MoE's experts that are switched off, as [layer, expert]. */
  readonly off: readonly (readonly [number, number])[];
}

export const TASKS = ['painter', 'text'] as const;
export const EXPERTS = [4, 8, 16, 32, 64] as const;
export const CHOSEN = [1, 2] as const;
export const WIDTHS = [32, 64, 128] as const;
export const RATES = [0.001, 0.003, 0.01, 0.03, 0.1] as const;
export const BALANCES: readonly Balance[] = ['aux', 'bias', 'none'];
export const ROUTERS: readonly PainterShape['routerReads'][] = ['place', 'features'];

export const DEFAULT_RACE: RaceSettings = {
  task: 'painter',
  experts: DEFAULT_SHAPE.experts,
  k: DEFAULT_SHAPE.k,
  width: DEFAULT_SHAPE.hidden * DEFAULT_SHAPE.k,
  router: DEFAULT_SHAPE.routerReads,
  seed: 0,
  rate: DEFAULT_SETTINGS.rate,
  balance: DEFAULT_SETTINGS.balance,
  third: false,
  off: [],
};

/** What is not said otherwise. */
export const usualRace = (task: RaceSettings['task']): RaceSettings =>
  task === 'painter'
    ? DEFAULT_RACE
    : { ...DEFAULT_RACE, task, k: TEXT_SHAPE.k, width: TEXT_SHAPE.k * TEXT_SHAPE.hidden };

export const runnersOf = ({ third }: RaceSettings): readonly Model[] =>
  third ? ['moe', 'dense-active', 'dense-total'] : ['moe', 'dense-active'];

/** How large the picture and a step are: what trains in seconds on a GPU takes too long on a processor. */
export interface Scale {
  readonly size: number;
  readonly batch: number;
  readonly octaves: number;
}

/** A GPU, a processor that plays one, and none. */
export type Kind = 'gpu' | 'software' | 'cpu';

/** Whose scale suits a device that is too slow for that of its own kind. */
export const smaller = (kind: Kind): Kind => (kind === 'gpu' ? 'software' : 'cpu');

export const SCALES: Readonly<Record<Kind, Scale>> = {
  gpu: { size: 256, batch: 4096, octaves: 7 },
  software: { size: 96, batch: 1024, octaves: 6 },
  cpu: { size: 48, batch: 512, octaves: 5 },
};

export const shapeOf = ({ experts, k, width, router }: RaceSettings, { octaves }: Scale): PainterShape => ({
  ...DEFAULT_SHAPE,
  experts,
  k,
  // Two experts of half the width do the work of one.
  hidden: width / k,
  octaves,
  routerReads: router,
});

/** @param decay set while a run is being finished. */
export const settingsOf = ({ rate, balance }: RaceSettings, decay: Settings['decay']): Settings => ({
  ...DEFAULT_SETTINGS,
  rate,
  balance,
  decay,
});

/** Of the text race: texts of a step, texts of each kind that are read of what is held out, characters that samples grow by. */
export interface TextScale {
  readonly texts: number;
  readonly heldOut: number;
  readonly grow: number;
}

export const TEXT_SCALES: Readonly<Record<Kind, TextScale>> = {
  gpu: { texts: 64, heldOut: 24, grow: 24 },
  software: { texts: 16, heldOut: 8, grow: 12 },
  cpu: { texts: 4, heldOut: 4, grow: 4 },
};

export const textShapeOf = ({ experts, k, width }: RaceSettings, characters: number): TextShape => ({
  ...TEXT_SHAPE,
  experts,
  k,
  hidden: width / k,
  characters,
});

export const textSettingsOf = (settings: RaceSettings, decay: Settings['decay']): Settings => {
  const { rate, balance } = settings;
  return { ...TEXT_SETTINGS, rate, balance, decay };
};

/** A square of the picture's middle, this large: each pixel the mean of those it stands for. */
export function fitted({ width, height, data }: Pixels, size: number): Pixels {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  const fitted = new Uint8ClampedArray(4 * size * size).fill(255);
  const span = (from: number, i: number, most: number): [number, number] => {
    const first = Math.min(most - 1, Math.floor(from + (i * side) / size));
    return [first, Math.max(first + 1, Math.min(most, Math.floor(from + ((i + 1) * side) / size)))];
  };
  for (let row = 0; row < size; row++) {
    const [up, down] = span(top, row, height);
    for (let column = 0; column < size; column++) {
      const [begin, end] = span(left, column, width);
      const sum = [0, 0, 0];
      for (let y = up; y < down; y++)
        for (let x = begin; x < end; x++) for (let c = 0; c < 3; c++) sum[c] += data[4 * (y * width + x) + c];
      const count = (down - up) * (end - begin);
      for (let c = 0; c < 3; c++) fitted[4 * (row * size + column) + c] = sum[c] / count;
    }
  }
  return { width: size, height: size, data: fitted };
}
