/** Earlier runs on this machine, kept in this browser alone. Storage may be denied, full or damaged: then a run lasts a visit. */
import { BLOCK_KINDS, type BlockKind } from '../../compare/costModel.ts';
import type { QualityModel, SteadyTime, SweepRow } from '../../worker/protocol.ts';
import type { TimedLayer } from '../models/published.ts';
import type { Comparison } from './comparison.ts';
import type { StampedQuality } from './quality.ts';

export type What = 'sweep' | 'quality' | 'layer';
export type Unit = 'ms' | 'bits per byte';

/** One number of a run, with what tells whether another differs from it. */
export interface Figure {
  /** Of a step. */
  readonly tokens: number;
  readonly of: BlockKind | QualityModel['role'];
  /** Experts per token, where one model was measured with several. */
  readonly k: number | null;
  readonly unit: Unit;
  readonly value: number;
  /** None for a loss: the same text gives the same. */
  readonly spread: number;
  readonly samples: number;
}

/** As much of a measurement as is worth keeping. */
export interface Run {
  readonly what: What;
  /** ISO 8601; tells runs apart. */
  readonly date: string;
  /** What was measured: only like can be set beside like. */
  readonly subject: string;
  readonly device: string;
  readonly fallback: boolean;
  readonly browser: string;
  readonly clock: 'timestamps' | 'wall';
  readonly figures: readonly Figure[];
}

const KEY = 'moescope.runs';
/** Of each kind; the oldest makes room. */
const MOST = 12;

/** All that a stored run may name. They stand before the first reading of the storage. */
const WHATS: readonly unknown[] = ['sweep', 'quality', 'layer'] satisfies What[];
const UNITS: readonly unknown[] = ['ms', 'bits per byte'] satisfies Unit[];
const OF: readonly unknown[] = [...BLOCK_KINDS, ...(['dense-active', 'dense-total'] satisfies QualityModel['role'][])];

/** The newest first; all elements of a page share them, as they share the browser's storage. */
let runs: readonly Run[] = rememberedRuns();
/** Those that the storage did not take; they last a visit. */
let unsaved: readonly Run[] = [];
const followers = new Set<() => void>();

export const keptRuns = (): readonly Run[] => runs;

/** Calls when a run was kept or erased, in another tab, too. @returns stops it. */
export function followRuns(follower: () => void): () => void {
  if (!followers.size) {
    runs = known();
    addEventListener('storage', onStorage);
  }
  followers.add(follower);
  return () => {
    followers.delete(follower);
    if (!followers.size) removeEventListener('storage', onStorage);
  };
}

function onStorage({ key }: StorageEvent): void {
  if (key === KEY || key === null) show(known());
}

export function runOfSweep({ date, model, info, browser, method, points }: Comparison): Run {
  const figures = points.flatMap(({ tokens, rows }) => timesOf(tokens, rows));
  const { name: device, fallback } = info;
  return { what: 'sweep', date, subject: model, device, fallback, browser, clock: method.clock, figures };
}

export function runOfLayer({ date, browser, info, method, ...timing }: TimedLayer): Run {
  const { decode, prefill, name, precision, slice } = timing;
  const part = slice ? `a slice: ${slice.experts} experts of ${slice.expertHidden} units` : 'the whole layer';
  return {
    ...{ what: 'layer', date, browser, clock: method.clock, device: info.name, fallback: info.fallback },
    subject: `${name}, ${part}, ${precision}`,
    figures: [decode, ...(prefill ? [prefill] : [])].flatMap(({ tokens, rows }) => timesOf(tokens, rows)),
  };
}

export function runOfQuality({ date, browser, points }: StampedQuality): Run {
  const [{ info }] = points;
  const titles = [...new Set(points.map(({ model }) => model.title))];
  const figures = points.flatMap(({ model, k, time, heldout }): Figure[] => {
    const whose = { tokens: 1, of: model.role, k };
    return [
      ...(time ? [{ ...whose, unit: 'ms' as const, ...figureOf(time) }] : []),
      { ...whose, unit: 'bits per byte', value: heldout.bitsPerByte, spread: 0, samples: heldout.tokens },
    ];
  });
  const { name: device, fallback } = info;
  return { what: 'quality', date, subject: titles.join(', '), device, fallback, browser, clock: 'wall', figures };
}

const figureOf = ({ median: value, spread, samples }: SteadyTime) => ({ value, spread, samples });

const timesOf = (tokens: number, rows: readonly SweepRow[]): Figure[] =>
  rows.map(({ kind, time }) => ({ tokens, of: kind, k: null, unit: 'ms', ...figureOf(time) }));

/** Losses that print alike are alike. */
const LEAST_LOSS = 0.0005;

/** The two are further apart than their spreads together. */
export function differs(a: Figure, b: Figure): boolean {
  const least = a.unit === 'bits per byte' ? LEAST_LOSS : 0;
  return Math.abs(a.value - b.value) > Math.max(a.spread + b.spread, least);
}

export const sameFigure = (a: Figure, b: Figure): boolean =>
  a.tokens === b.tokens && a.of === b.of && a.k === b.k && a.unit === b.unit;

/** What makes two runs no fair pair, as words; empty when nothing does. */
export function unlike(a: Run, b: Run): string[] {
  const words = { subject: 'subject', device: 'machine', browser: 'browser', clock: 'clock' } as const;
  return (Object.keys(words) as (keyof typeof words)[]).filter((key) => a[key] !== b[key]).map((key) => words[key]);
}

export function rememberedRuns(): readonly Run[] {
  return stored() ?? [];
}

/** null where the storage is denied; what is damaged or foreign is left out. */
function stored(): readonly Run[] | null {
  let text: string | null;
  try {
    text = localStorage.getItem(KEY);
  } catch {
    return null;
  }
  try {
    const all: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(all) ? newest(all.filter(isRun)) : [];
  } catch {
    return [];
  }
}

/** As the storage has them now: other tabs write there, too. */
function known(): readonly Run[] {
  const all = stored();
  return all ? newest([...all, ...unsaved]) : runs;
}

export const keepRun = (run: Run): void => store(newest([run, ...known()]));

export const forgetRun = ({ date }: Run): void => store(known().filter((each) => each.date !== date));

export const forgetRuns = (what: What): void => store(known().filter((each) => each.what !== what));

function newest(all: readonly Run[]): readonly Run[] {
  const counts = new Map<What, number>();
  const sorted = [...all].sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  return sorted.filter(({ what }) => {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    return count <= MOST;
  });
}

function show(kept: readonly Run[]): void {
  runs = kept;
  for (const follower of followers) follower();
}

function store(kept: readonly Run[]): void {
  try {
    if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
    else localStorage.removeItem(KEY);
    unsaved = [];
  } catch {
    const saved = new Set(rememberedRuns().map(({ date }) => date));
    unsaved = kept.filter(({ date }) => !saved.has(date));
  }
  show(kept);
}

function isRun(value: unknown): value is Run {
  const run = (value ?? {}) as Partial<Record<keyof Run, unknown>>;
  const words = [run.subject, run.device, run.browser].every((each) => typeof each === 'string');
  if (!words || typeof run.date !== 'string' || Number.isNaN(Date.parse(run.date))) return false;
  if (typeof run.fallback !== 'boolean' || (run.clock !== 'timestamps' && run.clock !== 'wall')) return false;
  return WHATS.includes(run.what) && Array.isArray(run.figures) && run.figures.every(isFigure);
}

function isFigure(value: unknown): value is Figure {
  const figure = (value ?? {}) as Partial<Record<keyof Figure, unknown>>;
  const numbers = [figure.tokens, figure.value, figure.spread, figure.samples].every((each) => Number.isFinite(each));
  const k = figure.k === null || Number.isFinite(figure.k);
  return numbers && k && OF.includes(figure.of) && UNITS.includes(figure.unit);
}
