// What a workgroup of a GEMM works on: neighbouring rows, at most TILE, which multiply the same weights.
struct Tile {
  expert: u32, // whose weights
  first: u32, // first row
  count: u32, // rows; a ragged tile has fewer than TILE
}
