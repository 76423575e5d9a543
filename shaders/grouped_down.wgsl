// Second half of the experts in a prefill: a grouped GEMM over the tiles of the plan.
// x [T·K, H], order [T·K], tiles, weights [E, D, H] → y [T·K, D]: y[slot] = down · x[slot]
// One workgroup computes TILE slots of one expert × 2 · TILE_COLUMNS outputs.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, D, H] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T·K, H], activated
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(3) var<storage, read> order: array<u32>; // [T·K]
@group(0) @binding(4) var<storage, read> work: TileList;
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T·K, D]
@group(0) @binding(6) var<uniform> sizes: Sizes;
@group(0) @binding(7) var<uniform> pass_state: Pass;

// As in grouped_up.wgsl.
const FEW = 8u;

fn x_row(tile: Tile, row: u32) -> u32 {
  return slot_of(tile, row);
}

fn compute_tile(group: vec3<u32>, local: u32) {
  let tile = take_tile(group.y);
  if (tile.count == 0u) {
    return;
  }
  let outputs = 2u * (group.x * TILE_COLUMNS + tile_columns(local));
  let rows = sizes.rows; // read once: a uniform costs a software adapter a load each time
  let first = tile.expert * rows;
  let last = vec4(rows - 1u);
  let a_rows = first + min(outputs, last);
  let b_rows = first + min(outputs + 1u, last);
  let product = multiply_tile(tile, a_rows, b_rows, outputs.x < rows, local);

  for (var block = 0u; block < BLOCKS; block++) {
    let in_tile = tile_rows(block, local);
    for (var i = 0u; i < rows_of(tile, in_tile.x); i++) {
      let slot = slot_of(tile, in_tile.x + i);
      for (var j = 0u; j < 4u; j++) {
        store(slot, outputs[j], rows, product.a[block][j][i]);
        store(slot, outputs[j] + 1u, rows, product.b[block][j][i]);
      }
    }
  }
}

fn store(slot: u32, output: u32, rows: u32, value: f32) {
  if (output < rows) {
    y[slot * rows + output] = value;
  }
}
