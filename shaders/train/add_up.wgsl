// The experts' answers, weighed and added to what came in, in the order of the slots.
// x [N, D], y [N·k, D] → sum [N, D]
// One invocation computes four columns of one row.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [N, D]
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>; // [N·k, D]
@group(0) @binding(2) var<storage, read> slots: array<Slot>; // [N·k]
@group(0) @binding(3) var<storage, read_write> sum: array<vec4<f32>>; // [N, D]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override CHOSEN: u32; // k

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = WIDTH / 4u;
  let n = id.x / quads;
  if (n >= pass_state.tokens) {
    return;
  }
  var value = x[id.x];
  for (var j = 0u; j < CHOSEN; j++) {
    let slot = n * CHOSEN + j;
    value += slots[slot].weight * y[slot * quads + id.x % quads];
  }
  sum[id.x] = value;
}
