/** What happened to each token, as plain data for a host page. */
import type { TraceStore } from '../state/text/trace-store.ts';
import type { MoeScopeToken } from './contract.ts';

/** One token of the text, with the experts that every layer chose for it. */
function tokenAt(trace: TraceStore, position: number): MoeScopeToken {
  const layers = Array.from({ length: trace.shape.layers }, (_, layer) =>
    Array.from({ length: trace.chosen(position, layer) }, (_, rank) => rank),
  );
  return {
    position,
    id: trace.ids[position],
    text: trace.texts[position],
    prompt: position < trace.promptCount,
    experts: layers.map((ranks, layer) => ranks.map((rank) => trace.expert(position, layer, rank))),
    weights: layers.map((ranks, layer) => ranks.map((rank) => trace.gate(position, layer, rank))),
  };
}

/** The tokens from `from` on. */
export const tokensOf = (trace: TraceStore | undefined, from = 0): MoeScopeToken[] =>
  Array.from({ length: Math.max(0, (trace?.count ?? 0) - from) }, (_, at) => tokenAt(trace!, from + at));
