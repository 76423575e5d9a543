/** From values to pixels, and the ticks that an axis has room for. */
import type { ScaleKind } from './types.ts';

export interface Scale {
  readonly kind: ScaleKind;
  readonly low: number;
  readonly high: number;
  /** Pixels. */
  at(value: number): number;
}

/** Share of the axis that stays free at either end, so that no point sits on the frame. */
const ROOM = 0.05;

/** The range that shows all values; on a logarithmic axis only what is above 0 can be shown. */
export function rangeOf(kind: ScaleKind, values: readonly number[], fromZero = false): readonly [number, number] {
  const shown = values.filter((value) => Number.isFinite(value) && (kind === 'linear' || value > 0));
  if (!shown.length) return kind === 'linear' ? [0, 1] : [1, 10];
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  if (kind === 'linear') {
    const room = (high - (fromZero ? Math.min(0, low) : low)) * ROOM || Math.abs(high) * 0.1 || 1;
    return [fromZero && low >= 0 ? 0 : low - room, high + room];
  }
  const room = (high / low) ** ROOM;
  return high === low ? [low / 2, high * 2] : [low / room, high * room];
}

/** `from` is the pixel of `low`, `to` that of `high`. Values outside the range are brought to its ends. */
export function scaleOf(kind: ScaleKind, [low, high]: readonly [number, number], from: number, to: number): Scale {
  const unit = kind === 'linear' ? (value: number) => value : (value: number) => Math.log(value);
  const span = unit(high) - unit(low) || 1;
  const at = (value: number) => {
    const inside = Math.min(high, Math.max(low, value));
    return from + ((unit(inside) - unit(low)) / span) * (to - from);
  };
  return { kind, low, high, at };
}

/** Floating-point dust: 0.30000000000000004. */
const clean = (value: number) => Number(value.toPrecision(12));

function linearTicks(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => clean((first + i) * step));
}

function powerTicks(base: number, digits: readonly number[], every: number, low: number, high: number): number[] {
  const ticks: number[] = [];
  const power = (value: number) => Math.log(value) / Math.log(base);
  for (let p = Math.floor(power(low) - 1); p <= Math.ceil(power(high)); p++) {
    if (p % every !== 0) continue;
    for (const digit of digits) {
      const tick = clean(digit * base ** p);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

/** Sets of ticks for a range, the densest first. */
function* tickSets({ kind, low, high }: Scale): Generator<number[]> {
  if (kind === 'log2') {
    for (let every = 1; every <= 16; every++) yield powerTicks(2, [1], every, low, high);
    return;
  }
  // Within a factor of a few, powers leave an axis bare.
  if (kind === 'log' && high / low > 8) {
    yield powerTicks(10, [1, 2, 5], 1, low, high);
    for (let every = 1; every <= 8; every++) yield powerTicks(10, [1], every, low, high);
    return;
  }
  const finest = 10 ** Math.floor(Math.log10((high - low) / 8));
  for (let power = 0; power < 3; power++) {
    for (const digit of [1, 2, 5]) yield linearTicks(low, high, digit * finest * 10 ** power);
  }
}

/**
 * The densest ticks whose labels do not touch.
 * @param extent of a label along the axis, in pixels, its gap to the next included.
 */
export function fittingTicks(scale: Scale, extent: (tick: number) => number, most = 8): number[] {
  let ticks: number[] = [];
  for (ticks of tickSets(scale)) {
    if (ticks.length <= most && apart(ticks, scale, extent)) return ticks;
  }
  return ticks.slice(0, 1);
}

function apart(ticks: readonly number[], scale: Scale, extent: (tick: number) => number): boolean {
  return ticks.every((tick, i) => {
    if (i === 0) return true;
    const before = ticks[i - 1];
    return Math.abs(scale.at(tick) - scale.at(before)) >= (extent(tick) + extent(before)) / 2;
  });
}
