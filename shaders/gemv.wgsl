// Matrix × vector for the few tokens of a decode step, with RMSNorm of the input and residual add folded in.
// x [T, K], weights [N, K] → y [T, N]: y = scale · W·norm(x), or y += the same
// LANES invocations compute four neighbouring rows of one token.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [N, K] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, K]
@group(0) @binding(2) var<storage, read> norm_weight: array<vec4<f32>>; // [K]; unused unless NORM
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [T, N], or [N] if LAST
@group(0) @binding(4) var<uniform> pass_state: Pass;

override ROWS: u32; // N
override SCALE: f32;
override ACCUMULATE: bool;
override LAST: bool; // only the last token of the pass
override STRIDE: u32; // values of a row of y, of which this matrix makes those from OFFSET on
override OFFSET: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let first = id.x / LANES * 4u;
  let rows = min(vec4(first, first + 1u, first + 2u, first + 3u), vec4(ROWS - 1u));
  let lane = local % LANES;
  let token = select(id.y, pass_state.tokens - 1u, LAST);

  let sum = SCALE * sum_lanes(dot_rows(rows, token, local), local) * norm_factor(token, local);

  if (lane == 0u && id.y < pass_state.tokens) {
    for (var i = 0u; i < min(4u, ROWS - min(first, ROWS)); i++) {
      let at = id.y * STRIDE + OFFSET + first + i;
      if (ACCUMULATE) {
        y[at] += sum[i];
      } else {
        y[at] = sum[i];
      }
    }
  }
}
