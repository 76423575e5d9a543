/** Turns what arrives, a recording or the worker's messages, into chunks of one kind. */
import type { TraceFile } from '../engine/trace.ts';
import { NO_EXPERT, NOT_SAMPLED } from '../engine/types.ts';
import type { StreamTokens } from '../worker/protocol.ts';
import type { Candidate, Chunk } from './trace-store.ts';

function withDrawn(candidates: Candidate[], drawnText: string | null): Candidate[] {
  if (drawnText === null || candidates.some((candidate) => candidate.drawn)) return candidates;
  return [...candidates, { text: drawnText, probability: Number.NaN, drawn: true }];
}

/** `promptOpen`: the run's prompt has not been read to its end yet. */
export function chunkOfMessage(message: StreamTokens, promptOpen: boolean): Chunk {
  const { batch, texts, pending } = message;
  const width = batch.count ? batch.candidateIds.length / batch.count : 0;
  const candidates = texts.map((_, t) => {
    if (batch.sampled[t] === NOT_SAMPLED) return [];
    const next = t + 1 < batch.count ? texts[t + 1] : pending;
    const row = Array.from({ length: width }, (_, c) => ({
      text: message.candidateTexts[t * width + c] ?? '',
      probability: batch.candidateProbabilities[t * width + c],
      drawn: batch.candidateIds[t * width + c] === batch.sampled[t],
    }));
    return withDrawn(row, next);
  });
  let promptCount = 0;
  if (promptOpen) {
    while (promptCount < batch.count && batch.sampled[promptCount] === NOT_SAMPLED) promptCount++;
    // The prompt's last token is the one after which the first was drawn.
    if (promptCount < batch.count) promptCount++;
  }
  return {
    position: batch.position,
    count: batch.count,
    promptCount,
    texts,
    ids: batch.tokens,
    pending,
    slots: batch.slots,
    expertIds: batch.expertIds,
    gateWeights: batch.gateWeights,
    probabilities: batch.probabilities,
    candidates,
    changes: message.changes,
  };
}

/** Rows [T][L][at most `width`] one after the other, [T, L, width]; what they leave free stays as it is. */
function laid<T extends Uint16Array | Float32Array>(
  rows: readonly (readonly (readonly number[])[])[],
  width: number,
  into: T,
): T {
  let at = 0;
  for (const token of rows) {
    for (const row of token) {
      into.set(row, at);
      at += width;
    }
  }
  return into;
}

/** The whole recording: the last token stays pending only in a live run, so here there is none. */
export function chunkOfTrace(trace: TraceFile): Chunk {
  // A token has as many experts as the interventions in force gave it.
  const slots = trace.expertIds.flat().reduce((most, row) => Math.max(most, row.length), trace.model.expertsPerToken);
  const { layers, experts } = trace.model;
  const length = trace.tokens.length * layers;
  return {
    position: 0,
    count: trace.tokens.length,
    promptCount: trace.promptTokens,
    texts: trace.tokens.map((token) => token.text),
    ids: trace.tokens.map((token) => token.id),
    pending: '',
    slots,
    expertIds: laid(trace.expertIds, slots, new Uint16Array(length * slots).fill(NO_EXPERT)),
    gateWeights: laid(trace.gateWeights, slots, new Float32Array(length * slots)),
    probabilities: trace.probabilities ? laid(trace.probabilities, experts, new Float32Array(length * experts)) : null,
    changes: trace.interventions ?? [],
    candidates: trace.tokens.map((token, t) => {
      if (!token.candidates) return [];
      const next = trace.tokens[t + 1]?.text ?? null;
      const drawn = token.candidates.findIndex((candidate) => candidate.text === next);
      return withDrawn(
        token.candidates.map((candidate, c) => ({ ...candidate, drawn: c === drawn })),
        next,
      );
    }),
  };
}
