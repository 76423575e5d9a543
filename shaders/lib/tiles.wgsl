// The work list of the grouped GEMMs: tiles of at most TILE slots that share an expert.
struct TileList {
  count: u32,
  pad: u32,
  tiles: array<vec2<u32>>, // (expert, first index into order)
}
