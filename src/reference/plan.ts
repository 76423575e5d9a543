/** Groups slots by expert: what plan.wgsl writes. */
export interface Plan {
  readonly offsets: number[]; // [E + 1]
  readonly order: number[]; // [T·K]
  readonly tiles: [expert: number, first: number][];
}

export function plan(experts: number, tile: number, expertOfSlot: ArrayLike<number>): Plan {
  const offsets = [0];
  const order: number[] = [];
  const tiles: [number, number][] = [];
  for (let expert = 0; expert < experts; expert++) {
    for (let slot = 0; slot < expertOfSlot.length; slot++) if (expertOfSlot[slot] === expert) order.push(slot);
    for (let first = offsets[expert]; first < order.length; first += tile) tiles.push([expert, first]);
    offsets.push(order.length);
  }
  return { offsets, order, tiles };
}
