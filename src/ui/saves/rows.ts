/** The four bars of each block for a step of N tokens: computed from the shape, and timed where it was. */
import { type BlockKind, type BlockShape, blockCost } from '../../compare/costModel.ts';
import type { SweepPoint, SweepRow } from '../../worker/protocol.ts';
import { KINDS } from '../kit/kinds.ts';

export interface Bar {
  readonly kind: BlockKind;
  readonly held: number;
  readonly read: number;
  readonly flops: number;
  /** null until it was measured. */
  readonly measured: Pick<SweepRow, 'time' | 'roofline' | 'path'> | null;
}

export interface Bars {
  /** How many bytes a weight takes is known once a sweep has run; until then weights are counted. */
  readonly unit: 'weights' | 'bytes';
  readonly rows: readonly Bar[];
}

export function barsOf(shape: BlockShape, tokens: number, point: SweepPoint | null): Bars {
  if (!point) return { unit: 'weights', rows: KINDS.map((kind) => counted(kind, shape, tokens)) };
  const rows = point.rows.map(({ kind, flops, bytesHeld, bytesRead, ...measured }) => {
    return { kind, held: bytesHeld, read: bytesRead, flops, measured };
  });
  return { unit: 'bytes', rows };
}

/** A router weight counts four bytes in blockCost(), and one here. */
function counted(kind: BlockKind, shape: BlockShape, tokens: number): Bar {
  const { flops, bytesHeld, bytesRead } = blockCost(kind, shape, tokens, 1);
  const router = kind === 'moe' || kind === 'all-on' ? 3 * shape.width * shape.experts : 0;
  return { kind, held: bytesHeld - router, read: bytesRead - router, flops: flops * tokens, measured: null };
}
