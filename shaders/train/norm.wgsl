// RMSNorm, which keeps its factor for the way back.
// x [N, D] → h [N, D], factor [N]
// One invocation computes one row.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [N, D]
@group(0) @binding(1) var<storage, read> norm_weight: array<vec4<f32>>; // [D]
@group(0) @binding(2) var<storage, read_write> h: array<vec4<f32>>; // [N, D]
@group(0) @binding(3) var<storage, read_write> factors: array<f32>; // [N]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override EPSILON: f32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= pass_state.tokens) {
    return;
  }
  let quads = WIDTH / 4u;
  let row = id.x * quads;
  var squares = 0.0;
  for (var i = 0u; i < quads; i++) {
    squares += dot(x[row + i], x[row + i]);
  }
  let factor = inverseSqrt(squares / f32(WIDTH) + EPSILON);
  for (var i = 0u; i < quads; i++) {
    h[row + i] = x[row + i] * factor * norm_weight[i];
  }
  factors[id.x] = factor;
}
