// In the place of take_tile.wgsl for a dense FFN: there is one expert, and its slots are the tokens in order.

fn take_tile(index: u32) -> Tile {
  let first = index * TILE;
  if (pass_state.stop != 0u || first >= pass_state.tokens) {
    return Tile();
  }
  return Tile(0u, first, min(TILE, pass_state.tokens - first));
}

fn slot_of(tile: Tile, row: u32) -> u32 {
  return tile.first + min(row, tile.count - 1u);
}
