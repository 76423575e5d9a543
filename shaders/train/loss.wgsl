// Mean squared error of the colours, and its gradient.
// colours [N, 4], targets [N, 4] → d_colours [N, 4], losses [N]; the fourth column is unused
// One invocation computes one pixel.
@group(0) @binding(0) var<storage, read> colours: array<vec4<f32>>; // [N]
@group(0) @binding(1) var<storage, read> targets: array<vec4<f32>>; // [N]
@group(0) @binding(2) var<storage, read_write> d_colours: array<vec4<f32>>; // [N]
@group(0) @binding(3) var<storage, read_write> losses: array<f32>; // [N]
@group(0) @binding(4) var<uniform> pass_state: Pass;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= pass_state.tokens) {
    return;
  }
  let error = vec4((colours[id.x] - targets[id.x]).xyz, 0.0);
  let values = f32(3u * pass_state.tokens);
  d_colours[id.x] = 2.0 * error / values;
  losses[id.x] = dot(error, error) / values;
}
