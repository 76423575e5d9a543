// Combines the experts of a prefill: x += scale · Σ_j weight_j · y_j, j in the router's order: the same bits every run.
// y [T·K, D], slots [T, K] → x [T, D]
// One invocation computes four neighbouring outputs of one token.
@group(0) @binding(0) var<storage, read> y: array<vec4<f32>>; // [T·K, D]
@group(0) @binding(1) var<storage, read> slots: array<Slot>; // [T, K]
@group(0) @binding(2) var<storage, read_write> x: array<vec4<f32>>; // [T, D], the residual stream
@group(0) @binding(3) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override CHOSEN: u32; // K
override SCALE: f32;
override ACCUMULATE: bool; // otherwise x is the sum alone

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = WIDTH / 4u;
  let token = id.y;
  if (id.x >= vectors || token >= pass_state.tokens || pass_state.stop != 0u) {
    return;
  }
  var sum = vec4<f32>();
  for (var slot = token * CHOSEN; slot < (token + 1u) * CHOSEN; slot++) {
    if (slots[slot].expert == NO_EXPERT) {
      break;
    }
    sum += slots[slot].weight * y[slot * vectors + id.x];
  }
  let at = token * vectors + id.x;
  if (ACCUMULATE) {
    x[at] += SCALE * sum;
  } else {
    x[at] = SCALE * sum;
  }
}
