// The tile of slots that a workgroup of a grouped GEMM works on. The kernel binds offsets, order and work.

// No rows if there is no such tile: the grid is as large as the most uneven routing needs.
fn take_tile(index: u32) -> Tile {
  if (pass_state.stop != 0u || index >= work.count) {
    return Tile();
  }
  let expert = work.tiles[index].x;
  let first = work.tiles[index].y; // index into order
  return Tile(expert, first, min(TILE, offsets[expert + 1u] - first));
}

// Rows beyond the tile's last slot repeat it: their products are not stored.
fn slot_of(tile: Tile, row: u32) -> u32 {
  return order[tile.first + min(row, tile.count - 1u)];
}
