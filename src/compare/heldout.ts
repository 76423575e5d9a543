/** Held-out text read on the visitor's GPU: which experts a domain uses, and what it loses without some of them. */
import { type Engine, NO_EXPERT, UserError } from '../engine/types.ts';
import type { DomainLoad, DomainLoss } from './types.ts';

/** models/heldout.json: text no model was trained on, as token ids. */
export interface Heldout {
  readonly domains: readonly {
    readonly name: string;
    readonly title: string;
    readonly ids: readonly (readonly number[])[];
  }[];
}

/** What one reading of a domain found. */
export interface Reading {
  readonly domain: string;
  readonly title: string;
  readonly nats: number;
  /** Tokens predicted, and their bytes of UTF-8. */
  readonly tokens: number;
  readonly bytes: number;
  /** Slots per [layer][expert]. */
  readonly slots: readonly (readonly number[])[];
}

/** Reads every domain with the engine as it is set. Leaves the engine's cache empty. `onDomain` is told what is through. */
export async function readDomains(
  engine: Engine,
  heldout: Heldout,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
  onDomain: (readings: readonly Reading[]) => void = () => {},
): Promise<Reading[]> {
  const { config, tokenizer } = engine.model;
  const total = heldout.domains.reduce((sum, domain) => sum + domain.ids.length, 0);
  const readings: Reading[] = [];
  let done = 0;
  for (const { name, title, ids } of heldout.domains) {
    const slots = Array.from({ length: config.layers }, () => new Array<number>(config.experts).fill(0));
    let nats = 0;
    let tokens = 0;
    let bytes = 0;
    for (const sequence of ids) {
      signal.throwIfAborted();
      const { losses, trace } = await engine.score(sequence);
      nats += losses.reduce((sum, loss) => sum + loss, 0);
      tokens += losses.length;
      for (const id of sequence.slice(1)) bytes += tokenizer.bytes(id).length;
      for (const [slot, expert] of trace.expertIds.entries()) {
        if (expert !== NO_EXPERT) slots[Math.floor(slot / trace.slots) % config.layers][expert]++;
      }
      onProgress(++done, total);
    }
    readings.push({ domain: name, title, nats, tokens, bytes, slots });
    onDomain(readings);
  }
  return readings;
}

/** One domain of the text, or (null) all of it. @throws UserError bad-input */
export function chooseDomains({ domains }: Heldout, name: string | null): Heldout {
  const chosen = domains.filter((domain) => name === null || domain.name === name);
  if (chosen.length === 0) throw new UserError('bad-input', `There is no held-out text for “${name}”.`);
  return { domains: chosen };
}

/** Share of each layer's slots that went to each expert; 0 in a layer that has no router. */
export function toLoads(readings: readonly Reading[]): DomainLoad[] {
  return readings.map(({ domain, title, slots }) => {
    const sums = slots.map((layer) => layer.reduce((a, b) => a + b, 0));
    const load = slots.map((layer, l) => layer.map((count) => (sums[l] ? count / sums[l] : 0)));
    return { domain, title, assignments: Math.max(...sums), load };
  });
}

/** Two readings of the same text, without and with knock-outs. */
export function toLosses(before: readonly Reading[], after: readonly Reading[]): DomainLoss[] {
  return before.map((first, i) => ({
    domain: first.domain,
    title: first.title,
    before: first.nats / first.tokens,
    after: after[i].nats / after[i].tokens,
    tokens: first.tokens,
    bitsPerByteBefore: first.nats / Math.LN2 / first.bytes,
    bitsPerByteAfter: after[i].nats / Math.LN2 / after[i].bytes,
  }));
}
