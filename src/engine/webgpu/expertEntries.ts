/** Which experts of a layer are in its cache, and in which entries. The least recently used gives way. */
import { MISSING } from '../../kernels/route.ts';
import type { LayerWeights, ModelConfig, Tensor } from '../../model/types.ts';
import { UserError } from '../types.ts';
import { stackBytes, withExperts } from './fit.ts';

export class ExpertEntries {
  /** Expert → entry, or MISSING. [E] */
  readonly table: Uint16Array;
  /** Entry → expert, as far as there is one. */
  private readonly expertOf: (number | undefined)[] = [];
  private count = 0;
  /** When an expert was used last. [E] */
  private readonly last: Float64Array;
  private now = 0;

  constructor(
    experts: number,
    readonly entries: number,
  ) {
    this.table = new Uint16Array(experts).fill(MISSING);
    this.last = new Float64Array(experts);
  }

  /** Experts that are there, in ascending order. */
  get held(): readonly number[] {
    return [...this.expertOf].filter((expert) => expert !== undefined).sort((a, b) => a - b);
  }

  /** All that there are. */
  get whole(): boolean {
    return this.count === this.table.length;
  }

  has(expert: number): boolean {
    return this.table[expert] !== MISSING;
  }

  /** Who was used together, later than all so far. */
  use(experts: Iterable<number>): void {
    this.now++;
    for (const expert of experts) this.last[expert] = this.now;
  }

  /**
   * Room for an expert that is not there: an empty entry, or that of one that is not among `wanted`, which leaves. The expert is
   * there only once `fill` says so. Where all have room each has its own, as in a model whose experts are all there.
   */
  free(wanted: ReadonlySet<number>, arriving: number): number {
    if (this.entries === this.table.length) return arriving;
    if (this.count < this.entries) return this.count;
    let least = -1;
    for (const expert of this.held)
      if (!wanted.has(expert) && (least < 0 || this.last[expert] < this.last[least])) least = expert;
    if (least < 0) throw new RangeError(`${wanted.size} experts are wanted together, and ${this.entries} have room.`);
    return this.table[least];
  }

  /** From now on the entry has this expert. */
  fill(entry: number, expert: number): void {
    const before = this.expertOf[entry];
    if (before === undefined) this.count++;
    else this.table[before] = MISSING;
    this.expertOf[entry] = expert;
    this.table[expert] = entry;
  }
}

/** Bytes that one expert of a layer takes on the GPU. */
export const expertBytes = ({ gate, up, down, gateBias, upBias, downBias }: LayerWeights): number =>
  stackBytes([gate, up].map(one)) +
  stackBytes([one(down)]) +
  [gateBias, upBias, downBias].reduce((sum, bias) => sum + (bias ? stackBytes([one(bias)]) : 0), 0);

const one = (tensor: Tensor) => withExperts(tensor, 1);

/** Entries of a layer's cache, where `asked` experts are to be on the GPU. @throws UserError bad-input */
export function entriesFor({ experts, expertsPerToken }: ModelConfig, asked: number): number {
  if (asked >= expertsPerToken) return Math.min(asked, experts);
  throw new UserError(
    'bad-input',
    `A token takes ${expertsPerToken} experts of a layer: ${asked} on the GPU are too few.`,
    `Give at least ${expertsPerToken}.`,
  );
}
