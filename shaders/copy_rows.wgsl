// Keeps rows as they are now, for a router that reads what came into its layer.
// x [T, D] → y [T, D]
// One invocation copies four neighbouring values of one token.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>; // [T, D]
@group(0) @binding(2) var<uniform> pass_state: Pass;

override WIDTH: u32; // D

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = WIDTH / 4u;
  if (id.x < vectors && id.y < pass_state.tokens && pass_state.stop == 0u) {
    y[id.y * vectors + id.x] = x[id.y * vectors + id.x];
  }
}
