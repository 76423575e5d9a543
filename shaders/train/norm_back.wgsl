// The way back through an RMSNorm and around it: dx = residual + g · factor - x · factor³ · mean(g · x), g = dy · weight.
// dy [N·k, D], summed over a pixel's slots in order → dx [N, D], parts [N / 64, D] of the weight's gradient
// One invocation computes one row; the first D / 4 of a workgroup also sum up four columns over its rows.
@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>>; // [N·k, D]
@group(0) @binding(1) var<storage, read> routed: array<vec4<f32>>; // [N, D], what the router adds if ROUTED
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>; // [N, D]
@group(0) @binding(3) var<storage, read> factors: array<f32>; // [N]
@group(0) @binding(4) var<storage, read> norm_weight: array<vec4<f32>>; // [D]
@group(0) @binding(5) var<storage, read> residual: array<vec4<f32>>; // [N, D], if RESIDUAL
@group(0) @binding(6) var<storage, read_write> dx: array<vec4<f32>>; // [N, D]
@group(0) @binding(7) var<storage, read_write> parts: array<vec4<f32>>; // [N / 64, D]
@group(0) @binding(8) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override CHOSEN: u32; // k
override ROUTED: bool;
override RESIDUAL: bool;

const ROWS = 64u;

fn upstream(n: u32, i: u32) -> vec4<f32> {
  let quads = WIDTH / 4u;
  var sum = vec4<f32>();
  for (var j = 0u; j < CHOSEN; j++) {
    sum += dy[(n * CHOSEN + j) * quads + i];
  }
  if (ROUTED) {
    sum += routed[n * quads + i];
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let quads = WIDTH / 4u;
  let n = group.x * ROWS + local;
  if (n < pass_state.tokens) {
    let factor = factors[n];
    var pull = 0.0;
    for (var i = 0u; i < quads; i++) {
      pull += dot(upstream(n, i) * norm_weight[i], x[n * quads + i]);
    }
    pull *= factor * factor * factor / f32(WIDTH);
    for (var i = 0u; i < quads; i++) {
      var value = upstream(n, i) * norm_weight[i] * factor - x[n * quads + i] * pull;
      if (RESIDUAL) {
        value += residual[n * quads + i];
      }
      dx[n * quads + i] = value;
    }
  }
  let end = min(group.x * ROWS + ROWS, pass_state.tokens);
  for (var i = local; i < quads; i += ROWS) {
    var sum = vec4<f32>();
    for (var row = group.x * ROWS; row < end; row++) {
      sum += upstream(row, i) * x[row * quads + i] * factors[row];
    }
    parts[group.x * quads + i] = sum;
  }
}
