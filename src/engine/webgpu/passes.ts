/**
 * Running a pass to its end. Where a layer lacks an expert the GPU stops by itself, and what was computed so far stays where it
 * is: the expert is brought, and the pass goes on with that layer's router.
 */
import { run } from '../../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { TraceBatch } from '../types.ts';
import type { Foresight } from './foresight.ts';
import type { Lanes, Ready } from './lanes.ts';
import { readBatch, STOP, stopOf, windowWords } from './readback.ts';
import { idsOf, type Residency } from './residency.ts';

export interface Site {
  readonly gpu: Gpu;
  readonly config: ModelConfig;
  readonly lanes: Lanes;
  readonly residency: Residency | null;
  /** null: nothing is guessed. */
  readonly foresight: Foresight | null;
  /** Waits for what the GPU brings. @throws UserError device-lost, wrong-results */
  arrival<T>(words: Promise<T>): Promise<T>;
}

/** Tokens, and the position of the first. */
interface Known {
  readonly tokens: Uint32Array<ArrayBuffer>;
  readonly position: number;
}

/** Multiply-adds of one submit: a quarter of a second where a GPU does a tenth of a TFLOP a second. Drivers end what takes long. */
const MOST_MULTIPLY_ADDS = 1.25e10;

/** The dispatches of a pass of so many multiply-adds, in as many submits as no driver minds. */
export function piecesOf(dispatches: readonly Dispatch[], multiplyAdds: number): (readonly Dispatch[])[] {
  const pieces = Math.max(1, Math.min(dispatches.length, Math.ceil(multiplyAdds / MOST_MULTIPLY_ADDS)));
  const cut = (piece: number) => Math.round((piece * dispatches.length) / pieces);
  return Array.from({ length: pieces }, (_, i) => dispatches.slice(cut(i), cut(i + 1)));
}

/** Runs the dispatches of one pass over known tokens; `drawn`: they end with the sampler. */
export async function runPass(
  site: Site,
  ready: Ready,
  { tokens, position }: Known,
  { dispatches, drawn }: { dispatches: readonly Dispatch[]; drawn: boolean },
): Promise<TraceBatch> {
  const { config } = site;
  const { device } = site.gpu;
  const { lane, ...ruled } = ready;
  const { a, prefillStaging } = lane;
  const count = tokens.length;
  device.queue.writeBuffer(a.pass, 0, new Uint32Array([count, position, 0, 0]));
  device.queue.writeBuffer(a.tokens, 0, tokens);
  for (let rest = dispatches; ; ) {
    const pieces = piecesOf(rest, count * config.parameters.active);
    const last = pieces.pop()!;
    for (const piece of pieces) run(device, piece, count);
    run(device, last, count, (encoder) => prefillStaging.copy(encoder, a, config, { first: 0, count }));
    const words = await site.arrival(prefillStaging.read(windowWords(a, config, count)));
    const batch = readBatch(words, a, config, { ...ruled, position, tokens, drawn: (t) => drawn && t === count - 1 });
    const stop = stopOf(words);
    if (!stop) {
      site.residency?.note(batch, true);
      return batch;
    }
    const wanted = Array.from({ length: count }, (_, t) => wantedBy(batch, config, t, stop.layer));
    rest = await supply(site, ready, { dispatches, count, layer: stop.layer, wanted: wanted.flat() });
  }
}

/** The experts of a layer that the batch's token t is to have. */
export const wantedBy = ({ expertIds, slots }: TraceBatch, { layers }: ModelConfig, t: number, layer: number) =>
  idsOf(expertIds, (t * layers + layer) * slots, slots);

interface Stopped {
  /** Of the whole pass. */
  readonly dispatches: readonly Dispatch[];
  readonly count: number;
  readonly layer: number;
  readonly wanted: readonly number[];
}

/**
 * Brings the experts that a stopped pass wants in its layer. Returns the dispatches that are left. Where more are wanted than
 * have room they come in groups, and each group's outputs are computed before the next comes: a slot's are its own.
 */
export async function supply(
  { gpu, config, lanes, residency }: Site,
  ready: Ready,
  { dispatches, count, layer, wanted }: Stopped,
): Promise<readonly Dispatch[]> {
  if (!residency) throw new Error('A pass stopped, and all experts are there.');
  const routes = dispatches.flatMap(({ name }, i) => (name === 'route' ? [i] : []));
  const start = routes[layer - config.denseLayers];
  const experts = [...new Set(wanted)];
  gpu.device.queue.writeBuffer(ready.lane.a.pass, STOP, new Uint32Array([0]));
  lanes.again(ready);
  // What came before a fetch failed stands where others were: the router is told of it in any case.
  const told = () => lanes.tell(ready, layer);
  if (experts.length <= residency.entries) {
    await residency.bring(layer, experts).finally(told);
    return dispatches.slice(start);
  }
  const end = dispatches.findIndex(({ name }, i) => i > start && name === 'combine');
  try {
    for (const group of residency.groups(layer, experts)) {
      await residency.bring(layer, group);
      lanes.tell(ready, layer, new Set(group));
      run(gpu.device, dispatches.slice(start, end), count);
    }
  } finally {
    told();
  }
  return dispatches.slice(end);
}
