// What the output of a shared expert is weighed by: sigmoid(weight · h), as slots of one expert (Qwen1.5-MoE).
// h [T, D], weight [D] → slots [T]
// LANES invocations compute one token.
@group(0) @binding(0) var<storage, read> h: array<vec4<f32>>; // [T, D]
@group(0) @binding(1) var<storage, read> weight: array<vec4<f32>>; // [D]
@group(0) @binding(2) var<storage, read_write> slots: array<Slot>; // [T]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override WIDTH: u32; // D

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let token = id.x / LANES;
  let row = min(token, pass_state.tokens - 1u) * (WIDTH / 4u); // no early return: all lanes meet in sum_lanes
  var share = 0.0;
  for (var i = local % LANES; i < WIDTH / 4u; i += LANES) {
    share += dot(h[row + i], weight[i]);
  }
  let sum = sum_lanes(vec4(share), local).x;
  if (local % LANES == 0u && token < pass_state.tokens) {
    slots[token] = Slot(0u, 1.0 / (1.0 + exp(-max(sum, -80.0))));
  }
}
