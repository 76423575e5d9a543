/** Turns what arrives, a recording or the worker's messages, into chunks of one kind. */
import type { TraceAbout, TracePiece } from '../../engine/traceColumns.ts';
import { NOT_SAMPLED } from '../../engine/types.ts';
import type { StreamTokens } from '../../worker/protocol.ts';
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

/** A piece of a file. The last token stays pending only in a live run, so in a file none is. */
export function chunkOfPiece(
  piece: TracePiece,
  { promptTokens, changes }: Pick<TraceAbout, 'promptTokens' | 'changes'>,
): Chunk {
  const { position, count, texts, next, candidates } = piece;
  return {
    ...piece,
    promptCount: Math.min(count, Math.max(0, promptTokens - position)),
    pending: '',
    changes: changes.filter((change) => change.position >= position && change.position < position + count),
    candidates: candidates.map((row, t) => {
      if (!row.length) return [];
      const after = texts[t + 1] ?? next;
      const drawn = row.findIndex((candidate) => candidate.text === after);
      return withDrawn(
        row.map((candidate, c) => ({ ...candidate, drawn: c === drawn })),
        after,
      );
    }),
  };
}
