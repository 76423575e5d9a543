// Matrix × matrix for prefill.
// x [T, K], weights [N, K] → y [T, N]: y = scale · x·Wᵀ, or y += the same
// One workgroup computes a tile of TILE tokens × 2 · TILE_COLUMNS rows.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [N, K] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, K]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [T, N]
@group(0) @binding(3) var<uniform> sizes: Sizes;
@group(0) @binding(4) var<uniform> pass_state: Pass;

// Rows of a tile for which there is a loop of its own: only the last tile has few, and a software adapter compiles it for long.
const FEW = 0u;

fn x_row(tile: Tile, row: u32) -> u32 {
  return tile.first + min(row, tile.count - 1u);
}

fn compute_tile(group: vec3<u32>, local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let all = sizes; // read once: a uniform costs a software adapter a load each time
  let first = group.y * TILE;
  let tile = Tile(0u, first, min(TILE, pass_state.tokens - first));
  let rows = 2u * (group.x * TILE_COLUMNS + tile_columns(local));
  let last = vec4(all.rows - 1u);
  let product = multiply_tile(tile, min(rows, last), min(rows + 1u, last), rows.x < all.rows, local);

  for (var block = 0u; block < BLOCKS; block++) {
    let in_tile = tile_rows(block, local);
    for (var i = 0u; i < rows_of(tile, in_tile.x); i++) {
      let token = first + in_tile.x + i;
      for (var j = 0u; j < 4u; j++) {
        store(token, rows[j], all, product.a[block][j][i]);
        store(token, rows[j] + 1u, all, product.b[block][j][i]);
      }
    }
  }
}

fn store(token: u32, row: u32, all: Sizes, value: f32) {
  if (row < all.rows) {
    let at = token * all.stride + all.offset + row;
    if (all.accumulate == 1u) {
      y[at] += all.factor * value;
    } else {
      y[at] = all.factor * value;
    }
  }
}
