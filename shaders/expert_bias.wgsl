// What experts add to their outputs (gpt-oss): to each slot's own, or to their sum, x += scale · Σ_j weight_j · bias_j.
// biases [E, D], slots [T, K] → y [T·K, D] if EACH, otherwise [T, D]
// One invocation computes four neighbouring values of one row of y.
@group(0) @binding(0) var<storage, read> biases: array<vec4<f32>>; // [E, D]
@group(0) @binding(1) var<storage, read> slots: array<Slot>; // [T, K]
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>; // [T·K, D] or [T, D]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override CHOSEN: u32; // K
override SCALE: f32;
override EACH: bool;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = WIDTH / 4u;
  let row = id.y;
  if (pass_state.stop != 0u || id.x >= vectors || row >= pass_state.tokens * select(1u, CHOSEN, EACH)) {
    return;
  }
  let at = row * vectors + id.x;
  if (EACH) {
    if (slots[row].expert < MISSING) {
      y[at] += biases[slots[row].expert * vectors + id.x];
    }
    return;
  }
  var sum = vec4<f32>();
  for (var slot = row * CHOSEN; slot < (row + 1u) * CHOSEN; slot++) {
    if (slots[slot].expert == NO_EXPERT) {
      break;
    }
    sum += slots[slot].weight * biases[slots[slot].expert * vectors + id.x];
  }
  y[at] += SCALE * sum;
}
