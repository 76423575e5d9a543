// What attention gives, gated: y · sigmoid(gate) (Qiu et al. 2025, arXiv:2505.06708).
// gate [T, N], y [T, N] → y
// One invocation computes four neighbouring values of one token.
@group(0) @binding(0) var<storage, read> gate: array<vec4<f32>>; // [T, N]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>; // [T, N]
@group(0) @binding(2) var<uniform> pass_state: Pass;

override WIDTH: u32; // N

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = WIDTH / 4u;
  if (id.x < vectors && id.y < pass_state.tokens && pass_state.stop == 0u) {
    let at = id.y * vectors + id.x;
    // Below -80 nothing is left, and exp would overflow, which WGSL leaves open.
    y[at] /= 1.0 + exp(-max(gate[at], vec4(-80.0)));
  }
}
