/** Earlier runs on this machine, kept in this browser alone. Storage may be denied, full or damaged: then a run lasts a visit. */
import type { BlockKind } from '../compare/costModel.ts';
import type { Comparison } from './comparison.ts';

export interface RunTime {
  readonly tokens: number;
  readonly kind: BlockKind;
  /** Milliseconds, as SteadyTime. */
  readonly median: number;
  readonly spread: number;
  readonly samples: number;
}

/** As much of a comparison as is worth keeping. */
export interface Run {
  /** ISO 8601; tells runs apart. */
  readonly date: string;
  readonly model: string;
  readonly device: string;
  readonly fallback: boolean;
  readonly browser: string;
  readonly clock: 'timestamps' | 'wall';
  readonly times: readonly RunTime[];
}

const KEY = 'moescope.comparisons';
/** The oldest makes room. */
const MOST = 12;

export function runOf({ date, model, info, browser, method, points }: Comparison): Run {
  const times = points.flatMap(({ tokens, rows }) =>
    rows.map(({ kind, time: { median, spread, samples } }) => ({ tokens, kind, median, spread, samples })),
  );
  return { date, model, device: info.name, fallback: info.fallback, browser, clock: method.clock, times };
}

/** The newest first. */
export function rememberedRuns(): readonly Run[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isRun).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function keepRun(runs: readonly Run[], run: Run): readonly Run[] {
  return store([run, ...runs].slice(0, MOST));
}

export function forgetRun(runs: readonly Run[], { date }: Run): readonly Run[] {
  return store(runs.filter((each) => each.date !== date));
}

export const forgetRuns = (): readonly Run[] => store([]);

function store(runs: readonly Run[]): readonly Run[] {
  try {
    if (runs.length) localStorage.setItem(KEY, JSON.stringify(runs));
    else localStorage.removeItem(KEY);
  } catch {
    // It then lasts a visit.
  }
  return runs;
}

const KINDS: readonly unknown[] = ['moe', 'same-active', 'same-total', 'all-on'] satisfies BlockKind[];

function isRun(value: unknown): value is Run {
  const run = (value ?? {}) as Partial<Record<keyof Run, unknown>>;
  const words = [run.model, run.device, run.browser].every((each) => typeof each === 'string');
  if (!words || typeof run.date !== 'string' || Number.isNaN(Date.parse(run.date))) return false;
  if (typeof run.fallback !== 'boolean' || (run.clock !== 'timestamps' && run.clock !== 'wall')) return false;
  return Array.isArray(run.times) && run.times.every(isTime);
}

function isTime(value: unknown): value is RunTime {
  const time = (value ?? {}) as Partial<Record<keyof RunTime, unknown>>;
  const numbers = [time.tokens, time.median, time.spread, time.samples].every((each) => Number.isFinite(each));
  return numbers && KINDS.includes(time.kind);
}
