/**
 * A model's card, models/<id>.card.json: whoever runs the site may have written it by hand. What the page shows of it is
 * checked; what is missing or not of its kind is left out.
 */
import type { ModelEntry } from '../../worker/protocol.ts';
import { fetchJson } from './catalog.ts';
import { isObject, type Json } from './model-list.ts';

export interface Loss {
  readonly bitsPerByte?: number;
}
export type Losses = Readonly<Record<string, Loss>>;

/** How a layer's experts were used. */
export interface LayerRouting {
  readonly mutualInformation: number;
  readonly chance: number;
  readonly minLoad: number;
  readonly maxLoad: number;
}

export interface Sample {
  readonly domain: string;
  readonly text: string;
  readonly seed?: number;
}

export interface Card {
  readonly quantisation?: string;
  readonly license?: string;
  readonly steps?: number;
  readonly deadExperts?: number;
  readonly layers: readonly LayerRouting[];
  readonly before: Losses;
  readonly after: Losses;
  readonly tokensPerDomain?: number;
  readonly samples: readonly Sample[];
  /** What each kind of held-out text asked of each expert; none where the card does not say. */
  readonly kinds: readonly KindLoad[];
  readonly knockOut: KnockOut | null;
}

/** Each kind of text without the experts that one kind uses most, one in every layer: what it costs on held-out text. */
export interface KnockOut {
  /** [kind][layer] */
  readonly experts: Readonly<Record<string, readonly number[]>>;
  /** [kind whose experts are off][kind that is read]: more nats per token. */
  readonly change: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly tokensPerKind: number;
}

/** What it costs to switch off the experts that one kind uses most. */
export interface KnockedOut {
  /** One in every layer. */
  readonly experts: readonly { readonly layer: number; readonly expert: number }[];
  /** More nats per token, by kind of held-out text. */
  readonly changes: readonly { readonly kind: string; readonly nats: number }[];
  /** Fewest held-out tokens of a kind. */
  readonly tokens: number;
  /** Where it was measured; null: by those who made the model, as its card says. */
  readonly device: string | null;
}

/** What those who made the model measured for one kind; null where the card does not say. */
export function knockedOut({ knockOut }: Card, kind: string): KnockedOut | null {
  const [experts, change] = [knockOut?.experts[kind], knockOut?.change[kind]];
  if (!knockOut || !experts || !change) return null;
  return {
    experts: experts.map((expert, layer) => ({ layer, expert })),
    changes: Object.entries(change).map(([kind, nats]) => ({ kind, nats })),
    tokens: knockOut.tokensPerKind,
    device: null,
  };
}

export interface KindLoad {
  readonly kind: string;
  /** [layer][expert]: shares of the layer's choices. */
  readonly shares: readonly (readonly number[])[];
}

const MOST_TEXT = 5000;
const MOST_ROWS = 256;

const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MOST_ROWS) : []);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MOST_TEXT) : undefined;
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const losses = (value: unknown): Losses =>
  Object.fromEntries(
    Object.entries(object(value))
      .slice(0, MOST_ROWS)
      .map(([domain, loss]) => [domain, { bitsPerByte: number(object(loss).bitsPerByte) }]),
  );

function layer(value: unknown): LayerRouting[] {
  const row = object(value);
  const [mutualInformation, chance, minLoad, maxLoad] = ['mutualInformation', 'chance', 'minLoad', 'maxLoad'].map(
    (key) => number(row[key]),
  );
  if (mutualInformation === undefined || chance === undefined || minLoad === undefined || maxLoad === undefined)
    return [];
  return [{ mutualInformation, chance, minLoad, maxLoad }];
}

/** All or none: kinds of other shapes could not be set beside each other. */
function kinds({ domains, load }: Json): KindLoad[] {
  const names = list(domains).map(text);
  const rows = list(load);
  const read = rows.map((layers) =>
    list(layers).map((shares) => list(shares).map((share) => number(share) ?? Number.NaN)),
  );
  const shape = read[0]?.map((shares) => shares.length).join();
  const sound =
    names.length === rows.length &&
    names.every((name) => name !== undefined) &&
    !!shape &&
    read.every((layers) => layers.map((shares) => shares.length).join() === shape) &&
    read.flat(2).every((share) => share >= 0 && share <= 1);
  return sound ? read.map((shares, i) => ({ kind: names[i]!, shares })) : [];
}

function knockOut(value: unknown): KnockOut | null {
  const { experts, change, tokensPerDomain } = object(value);
  const off = Object.entries(object(experts)).map(([kind, row]) => [kind, list(row).map(number)] as const);
  const cost = Object.entries(object(change)).map(([kind, row]) => [kind, Object.entries(object(row))] as const);
  const tokensPerKind = number(tokensPerDomain);
  const sound =
    off.length > 0 &&
    off.every(([, row]) => row.length > 0 && row.every((expert) => expert !== undefined && expert >= 0)) &&
    cost.every(([, row]) => row.every(([, nats]) => number(nats) !== undefined));
  if (!sound || tokensPerKind === undefined) return null;
  return {
    experts: Object.fromEntries(off) as KnockOut['experts'],
    change: Object.fromEntries(cost.map(([kind, row]) => [kind, Object.fromEntries(row)])) as KnockOut['change'],
    tokensPerKind,
  };
}

function sample(value: unknown): Sample[] {
  const { domain, text: words, seed } = object(value);
  const [kind, written] = [text(domain), text(words)];
  return kind === undefined || written === undefined ? [] : [{ domain: kind, text: written, seed: number(seed) }];
}

/** @throws Fault with one sentence where it is no card at all. */
export function readCard(value: unknown, name: string): Card {
  if (!isObject(value))
    throw { code: 'network', message: `The card “${name}” is damaged: it must be an object.`, hint: '' };
  const routing = object(value.routing);
  const held = object(value.heldOut);
  const rows = list(routing.layers);
  const layers = rows.flatMap(layer);
  return {
    quantisation: text(value.quantisation),
    license: text(value.license),
    steps: number(object(value.training).steps),
    deadExperts: number(routing.deadExperts),
    // Rows are counted from 0: one that is left out would give the others wrong numbers.
    layers: layers.length === rows.length ? layers : [],
    before: losses(held.beforeQuantising),
    after: losses(held.afterQuantising),
    tokensPerDomain: number(held.tokensPerDomain),
    samples: list(value.samples).flatMap(sample),
    kinds: kinds(routing),
    knockOut: knockOut(value.knockOut),
  };
}

export async function fetchCard(entry: ModelEntry): Promise<Card> {
  const path = `models/${entry.card}`;
  return readCard(await fetchJson(path), path);
}
