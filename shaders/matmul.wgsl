// Matrix × matrix for prefill.
// x [T, K], weights [N, K] → y [T, N]: y = scale · x·Wᵀ, or y += the same
// One workgroup computes a tile of 16 tokens × 64 rows; one invocation 4 × 4 of it.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [N, K] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, K]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [T, N]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override ROWS: u32; // N
override SCALE: f32;
override ACCUMULATE: bool;

fn activation(row: u32, i: u32) -> vec4<f32> {
  return x[row * (COLUMNS / 4u) + i];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) tile: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let tokens = tile.y * TILE + local / 16u + vec4(0u, 4u, 8u, 12u);
  let rows = tile.x * TILE_COLUMNS + local % 16u + vec4(0u, 16u, 32u, 48u);
  let live = tokens.x < pass_state.tokens && rows.x < ROWS;
  let product = multiply_tile(min(tokens, vec4(pass_state.tokens - 1u)), min(rows, vec4(ROWS - 1u)), local, live);

  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (tokens[i] < pass_state.tokens && rows[j] < ROWS) {
        let at = tokens[i] * ROWS + rows[j];
        let value = SCALE * product[i][j];
        if (ACCUMULATE) {
          y[at] += value;
        } else {
          y[at] = value;
        }
      }
    }
  }
}
