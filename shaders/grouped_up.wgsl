// First half of the experts in a prefill: a grouped GEMM over the tiles of the plan, with SwiGLU at its end.
// x [T, D], order [T·K], tiles, weights [E, 2H, D] (gate rows, then up rows) → activated [T·K, H]
// One workgroup computes TILE slots of one expert × TILE_COLUMNS hidden units, gate and up both.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, 2H, D] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(3) var<storage, read> order: array<u32>; // [T·K]
@group(0) @binding(4) var<storage, read> work: TileList;
@group(0) @binding(5) var<storage, read_write> activated: array<f32>; // [T·K, H]
@group(0) @binding(6) var<storage, read> biases: array<f32>; // [E, 2H], gate's, then up's; unused unless the experts have them
@group(0) @binding(7) var<uniform> sizes: Sizes;
@group(0) @binding(8) var<uniform> pass_state: Pass;

// Up to so many rows a tile goes four by four: most experts of a model with many small ones get a handful.
const FEW = 8u;

// Rows of x are gathered as they are loaded.
fn x_row(tile: Tile, row: u32) -> u32 {
  return slot_of(tile, row) / sizes.chosen;
}

fn compute_tile(group: vec3<u32>, local: u32) {
  let tile = take_tile(group.y);
  if (tile.count == 0u) {
    return;
  }
  let hidden = sizes.rows / 2u;
  let units = group.x * TILE_COLUMNS + tile_columns(local);
  let gate_rows = tile.expert * 2u * hidden + min(units, vec4(hidden - 1u));
  let product = multiply_tile(tile, gate_rows, gate_rows + hidden, units.x < hidden, local);

  for (var block = 0u; block < BLOCKS; block++) {
    let in_tile = tile_rows(block, local);
    for (var i = 0u; i < rows_of(tile, in_tile.x); i++) {
      let slot = slot_of(tile, in_tile.x + i);
      for (var j = 0u; j < 4u; j++) {
        if (units[j] < hidden) {
          let value = activate(gate_rows[j], hidden, product.a[block][j][i], product.b[block][j][i]);
          activated[slot * hidden + units[j]] = value;
        }
      }
    }
  }
}
