// RMSNorm: y = x / sqrt(mean(x²) + epsilon) · weight, or y += scale times that. Zhang & Sennrich 2019, arXiv:1910.07467.
// x [T, D], weight [D], and behind it what y is multiplied by in the end if SCALED → y [T, D]
// LANES invocations compute one row.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(1) var<storage, read> norm_weight: array<vec4<f32>>; // [D], or [D + 1]
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>; // [T, D]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override COLUMNS: u32; // D
override EPSILON: f32;
override ACCUMULATE: bool = false;
override SCALE: f32 = 1.0; // if ACCUMULATE
override SCALED: bool = false; // if ACCUMULATE

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let vectors = COLUMNS / 4u;
  let token = id.x / LANES;
  let lane = local % LANES;
  let row = min(token, pass_state.tokens - 1u) * vectors; // no early return: all lanes meet in sum_lanes

  var squares = vec4<f32>();
  for (var i = lane; i < vectors; i += LANES) {
    squares += x[row + i] * x[row + i];
  }
  let mean = dot(sum_lanes(squares, local), vec4(1.0)) / f32(COLUMNS);
  let factor = inverseSqrt(mean + EPSILON);

  if (token < pass_state.tokens) {
    for (var i = lane; i < vectors; i += LANES) {
      if (ACCUMULATE) {
        var sum = y[row + i] + SCALE * (x[row + i] * factor * norm_weight[i]);
        if (SCALED) {
          sum *= norm_weight[vectors].x;
        }
        y[row + i] = sum;
      } else {
        y[row + i] = x[row + i] * factor * norm_weight[i];
      }
    }
  }
}
