/** The recording that lies beside the page: made by this project, so looked at for damage alone; a trace from elsewhere is read in the worker. */
import type { TraceFile } from '../../engine/trace.ts';
import type { TracePiece } from '../../engine/traceColumns.ts';
import { NO_EXPERT } from '../../engine/types.ts';

/** Of all layers together. */
const MOST_EXPERTS = 2 ** 18;

type Rows = readonly (readonly (readonly number[])[])[];

/** Rows [T][L][at most `width`] one after the other, [T, L, width]; what they leave free stays as it is. */
function laid<T extends Uint16Array | Float32Array>(rows: Rows, width: number, into: T): T {
  for (const [i, row] of rows.flat().entries()) into.set(row, i * width);
  return into;
}

/** Every value of every row is a number from 0 to `most`. */
const within = (rows: Rows, [count, layers]: readonly [number, number], most: number) =>
  rows.length === count &&
  rows.every((token) => token.length === layers && token.every((row) => row.every((x) => x >= 0 && x <= most)));

/** All of a recording in one piece; null, or whatever a damaged one makes the engine throw. */
export function pieceOfRecording(trace: TraceFile): TracePiece | null {
  const { tokens, expertIds, gateWeights, probabilities, model, device, created } = trace;
  const { layers, experts, expertsPerToken } = model;
  const count = tokens.length;
  const shape = [count, layers] as const;
  const isText = [model.name, device.name, created, ...tokens.map(({ text }) => text)].every(
    (x) => typeof x === 'string',
  );
  const isModel = layers >= 1 && experts >= 1 && layers * experts <= MOST_EXPERTS;
  if (!isText || !isModel || !within(expertIds, shape, experts - 1) || !within(gateWeights, shape, 1e9)) return null;
  if (probabilities && !within(probabilities, shape, 1)) return null;
  const slots = expertIds.flat().reduce((most, row) => Math.max(most, row.length), expertsPerToken);
  const length = count * layers;
  return {
    position: 0,
    count,
    texts: tokens.map(({ text }) => text),
    next: null,
    ids: Uint32Array.from(tokens, ({ id }) => id),
    candidates: tokens.map(({ candidates = [] }) => candidates),
    slots,
    expertIds: laid(expertIds, slots, new Uint16Array(length * slots).fill(NO_EXPERT)),
    gateWeights: laid(gateWeights, slots, new Float32Array(length * slots)),
    probabilities: probabilities ? laid(probabilities, experts, new Float32Array(length * experts)) : null,
  };
}
