/** A trace file as it is kept while it is taken: column by column, rows of any width one after the other. */
import type { Change, ModelCard, TraceFile } from './trace.ts';
import { NO_EXPERT } from './types.ts';

type Column = Uint16Array | Uint32Array | Float32Array;

/** A column that grows by half; what it has room for is what it may take. */
export class Growing<T extends Column> {
  length = 0;

  constructor(private values: T) {}

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new (this.values.constructor as new (length: number) => T)(Math.ceil(1.5 * this.length) + 64);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length++] = value;
  }

  get(at: number): number {
    return this.values[at];
  }

  /** A view. */
  slice(from: number, to: number): T {
    return this.values.subarray(from, to) as T;
  }
}

export type TraceCandidates = readonly { readonly text: string; readonly probability: number }[];

/** What a file says of its run as a whole. */
export interface TraceAbout extends Pick<TraceFile, 'model' | 'device' | 'created' | 'sampling' | 'promptTokens'> {
  readonly card: ModelCard | null;
  readonly changes: readonly Change[];
  readonly count: number;
  /** The most experts that any token used in a layer. */
  readonly slots: number;
}

export interface TraceColumns {
  readonly about: TraceAbout;
  readonly ids: Growing<Uint32Array>;
  readonly texts: readonly string[];
  readonly candidates: readonly TraceCandidates[];
  /** Where each row of experts ends. [T, L] */
  readonly rowEnds: Growing<Uint32Array>;
  readonly expertIds: Growing<Uint16Array>;
  readonly gateWeights: Growing<Float32Array>;
  /** [T, L, E] */
  readonly probabilities: Growing<Float32Array> | null;
}

/** Consecutive positions of a trace file, all rows of one width. */
export interface TracePiece {
  readonly position: number;
  readonly count: number;
  readonly texts: readonly string[];
  /** The text of the token after the last of these; null after the end. */
  readonly next: string | null;
  readonly ids: Uint32Array;
  readonly candidates: readonly TraceCandidates[];
  readonly slots: number;
  /** [count, L, slots], NO_EXPERT where none was used. */
  readonly expertIds: Uint16Array;
  readonly gateWeights: Float32Array;
  readonly probabilities: Float32Array | null;
}

/** Positions [from, to) as copies of their own. */
export function pieceOf(columns: TraceColumns, from: number, to: number): TracePiece {
  const { about, ids, texts, candidates, rowEnds, expertIds, gateWeights, probabilities } = columns;
  const { slots, model } = about;
  const { layers, experts } = model;
  const count = to - from;
  const laidIds = new Uint16Array(count * layers * slots).fill(NO_EXPERT);
  const laidWeights = new Float32Array(count * layers * slots);
  for (let row = from * layers; row < to * layers; row++) {
    const start = row === 0 ? 0 : rowEnds.get(row - 1);
    const place = (row - from * layers) * slots;
    laidIds.set(expertIds.slice(start, rowEnds.get(row)), place);
    laidWeights.set(gateWeights.slice(start, rowEnds.get(row)), place);
  }
  return {
    position: from,
    count,
    texts: texts.slice(from, to),
    next: texts[to] ?? null,
    ids: ids.slice(from, to).slice(),
    candidates: candidates.slice(from, to),
    slots,
    expertIds: laidIds,
    gateWeights: laidWeights,
    probabilities: probabilities?.slice(from * layers * experts, to * layers * experts).slice() ?? null,
  };
}
