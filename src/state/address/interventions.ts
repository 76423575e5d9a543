/**
 * Interventions as a link writes them, layers and experts from 0: `off=2:5,3:1` `force=1:4` `bias=2:5:-3.5` `k=4` (every
 * layer) or `k=3:4` (layer 3) `route=random:7` or `route=2:uniform:0` `frozen=1`. A key may come again: the order is kept.
 */
import type { Intervention } from '../../engine/interventions.ts';
import { brought, RANGES, readDecimal } from '../../engine/ranges.ts';

/** More than anybody lists by hand; a link that goes on is cut here. */
export const MOST_LISTED = 512;
export const MOST_LAYERS = 0xffff;

type Pair = readonly [key: string, value: string];
/** What could not be taken as it stands, in a few words. */
export type Complain = (words: string) => void;

type OfKind<Kind> = Extract<Intervention, { readonly kind: Kind }>;
const ofExpert = ({ layer, expert }: OfKind<'off' | 'force' | 'bias'>) => `${layer}:${expert}`;
const ofLayer = ({ layer }: OfKind<'k' | 'route'>) => (layer === null ? '' : `${layer}:`);

const VALUES: { readonly [Kind in Intervention['kind']]: (each: OfKind<Kind>) => string } = {
  off: ofExpert,
  force: ofExpert,
  bias: (each) => `${ofExpert(each)}:${each.amount}`,
  k: (each) => `${ofLayer(each)}${each.k}`,
  route: (each) => `${ofLayer(each)}${each.rule}:${each.seed}`,
  frozen: () => '1',
};
/** A key for each kind. */
export const INTERVENTION_KEYS = Object.keys(VALUES);
const value = (each: Intervention): string => (VALUES[each.kind] as (each: Intervention) => string)(each);

/** Neighbours of one kind share a key. */
export function writeInterventions(list: readonly Intervention[]): Pair[] {
  const pairs: [string, string][] = [];
  for (const intervention of list) {
    const last = pairs.at(-1);
    if (last && last[0] === intervention.kind) last[1] += `,${value(intervention)}`;
    else pairs.push([intervention.kind, value(intervention)]);
  }
  return pairs;
}

/** A whole number as people write it, brought into range; null when it is none. */
export function readWhole(text: string, low: number, high: number, what: string, complain: Complain): number | null {
  const number = /^[+-]?\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) return null;
  const clamped = Math.min(high, Math.max(low, number)) + 0;
  if (clamped !== number) complain(`${what} ${text.slice(0, 24)} (${clamped} is taken)`);
  return clamped;
}

function readOne(kind: string, text: string, complain: Complain): Intervention | null {
  const parts = text.split(':');
  const layer = (part: string) => readWhole(part, 0, MOST_LAYERS, 'layer', complain);
  const whole = (part: string, low: number, high: number, what: string) => readWhole(part, low, high, what, complain);
  if (kind === 'frozen') return text === '1' ? { kind } : null;
  if (kind === 'off' || kind === 'force' || kind === 'bias') {
    if (parts.length !== (kind === 'bias' ? 3 : 2)) return null;
    const at = layer(parts[0]);
    const expert = whole(parts[1], 0, MOST_LAYERS, 'expert');
    if (at === null || expert === null) return null;
    if (kind !== 'bias') return { kind, layer: at, expert };
    const amount = readDecimal(parts[2]);
    if (!Number.isFinite(amount)) return null;
    const clamped = brought(RANGES.bias, amount);
    if (clamped !== amount) complain(`a bias of ${parts[2].slice(0, 24)} (${clamped} is taken)`);
    return { kind, layer: at, expert, amount: clamped };
  }
  if (kind === 'k') {
    if (parts.length > 2) return null;
    const at = parts.length === 2 ? layer(parts[0]) : undefined;
    const k = whole(parts.at(-1)!, 1, MOST_LAYERS, 'k');
    return at === null || k === null ? null : { kind, layer: at ?? null, k };
  }
  if (kind !== 'route') return null;
  const of = parts.findIndex((part) => part === 'uniform' || part === 'random');
  if (of < 0 || of > 1 || parts.length > of + 2) return null;
  const at = of === 1 ? layer(parts[0]) : undefined;
  const seed = parts.length > of + 1 ? whole(parts[of + 1], RANGES.seed.min, RANGES.seed.max, 'the route’s seed') : 0;
  if (at === null || seed === null) return null;
  return { kind, layer: at ?? null, rule: parts[of] as 'uniform' | 'random', seed };
}

/** Reads one key of a link; `kind` is one of the interventions' keys. */
export function readInterventions(kind: string, text: string, complain: Complain): Intervention[] {
  const list: Intervention[] = [];
  for (const part of text.split(',', MOST_LISTED)) {
    const one = readOne(kind, part, complain);
    if (one) list.push(one);
    else complain(`${kind} “${part.slice(0, 24)}” (not understood)`);
  }
  return list;
}

export const lastOf = (count: number): string => `the last is ${count - 1}`;

/** What of it a model of this shape can have: none of it where an expert or a layer is not there. */
export function fitIntervention(
  intervention: Intervention,
  { layers, experts }: { layers: number; experts: number },
  there: (cell: { layer: number; expert: number }) => boolean,
  complaints: string[],
): Intervention[] {
  switch (intervention.kind) {
    case 'off':
    case 'force':
    case 'bias':
      return there(intervention) ? [intervention] : [];
    case 'k':
    case 'route': {
      if (intervention.layer !== null && intervention.layer >= layers) {
        complaints.push(`layer ${intervention.layer} (${lastOf(layers)})`);
        return [];
      }
      if (intervention.kind === 'route' || intervention.k <= experts) return [intervention];
      complaints.push(`k ${intervention.k} (${experts} is taken)`);
      return [{ ...intervention, k: experts }];
    }
    case 'frozen':
      return [intervention];
  }
}
