// Every head's own matrix times every head's own vector: y[t, h] = weights[h] · x[t, h].
// x [T, heads, X_STRIDE], weights [heads, N, K] → y [T, heads, Y_STRIDE], of which the first N are written
// LANES invocations compute four neighbouring rows of one head of one token.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [heads, N, K] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, heads, X_STRIDE]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [T, heads, Y_STRIDE]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override HEADS: u32;
override ROWS: u32; // N
override X_STRIDE: u32; // a multiple of 4
override Y_STRIDE: u32;

fn activation(row: u32, i: u32) -> vec4<f32> {
  return x[row * (X_STRIDE / 4u) + i];
}

// One of the four values of activation(row, i).
fn activation_value(row: u32, i: u32, part: u32) -> f32 {
  return x[row * (X_STRIDE / 4u) + i][part];
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let row = id.y; // of x: a head of a token
  let first = id.x / LANES * 4u;
  let rows = min(vec4(first, first + 1u, first + 2u, first + 3u), vec4(ROWS - 1u));
  let sum = sum_lanes(dot_rows(row % HEADS * ROWS + rows, row, local), local);
  if (local % LANES == 0u && row < pass_state.tokens * HEADS) {
    for (var i = 0u; i < min(4u, ROWS - min(first, ROWS)); i++) {
      y[row * Y_STRIDE + first + i] = sum[i];
    }
  }
}
