// What a workgroup of a GEMM works on: neighbouring rows, at most TILE, which multiply the same weights.
struct Tile {
  expert: u32, // whose weights
  first: u32, // first row
  count: u32, // rows; a ragged tile has fewer than TILE
}

// Rows of the tile among four from `first` on. A loop over those alone: some adapters go through a branch that nobody takes.
fn rows_of(tile: Tile, first: u32) -> u32 {
  return min(4u, tile.count - min(first, tile.count));
}
