/** How the models beside the page learned, from models/curves.json. */
import { fetchJson } from './catalog.ts';

export interface CurvePoint {
  readonly tokens: number;
  readonly flops: number;
  readonly seconds: number;
  readonly loss: number;
  readonly bitsPerByte: number;
  /** A schedule ended here: the learning rate had fallen, and the weights are as a file holds them. */
  readonly ended?: boolean;
}
export interface Curve {
  readonly parameters: { readonly total: number; readonly active: number };
  readonly points: readonly CurvePoint[];
  readonly tokensSeen: number;
  /** What makes its losses less comparable than they look. */
  readonly remark?: string;
}
/** Runs of one short schedule that differ in their seed alone: model → held-out bits per byte at its end, a seed each, in the same order. */
export interface Seeds {
  readonly tokens: number;
  readonly bitsPerByte: Readonly<Record<string, readonly number[]>>;
}
export interface Curves {
  readonly models: Readonly<Record<string, Curve>>;
  readonly seeds?: Seeds;
  readonly note?: string;
}

export async function fetchCurves(): Promise<Curves> {
  const curves = await fetchJson<Curves>('models/curves.json');
  const damaged = (what: string) => {
    const message = `The file “models/curves.json” is damaged: ${what}.`;
    return { code: 'network', message, hint: '' };
  };
  if (!Object.values(curves?.models ?? {}).every(isCurve)) throw damaged('a curve has no points');
  if (curves?.seeds !== undefined && !areSeeds(curves.seeds)) throw damaged('the runs of other seeds have no figures');
  return curves;
}

function areSeeds(value: unknown): boolean {
  const { tokens, bitsPerByte } = (value ?? {}) as Partial<Seeds>;
  const runs = Object.values(bitsPerByte ?? {});
  return Number.isFinite(tokens) && runs.every((run) => Array.isArray(run) && run.every(Number.isFinite));
}

function isCurve(value: unknown): boolean {
  const { points, parameters, tokensSeen } = (value ?? {}) as Partial<Curve>;
  const numbers = (of: object | null | undefined, ...keys: string[]) =>
    keys.every((key) => Number.isFinite((of as Record<string, unknown> | null | undefined)?.[key]));
  return (
    numbers({ tokensSeen }, 'tokensSeen') &&
    numbers(parameters, 'total', 'active') &&
    Array.isArray(points) &&
    points.length > 0 &&
    points.every((point) => numbers(point, 'tokens', 'flops', 'seconds', 'loss', 'bitsPerByte'))
  );
}
