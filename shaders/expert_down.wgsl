// Second half of the experts in a decode step, combined: x += scale · Σ_j weight_j · (down_j · a_j), j in the router's order.
// activated [T·K, H], slots [T, K], weights [E, D, H] → x [T, D]
// LANES invocations compute four neighbouring outputs of one token; the sum over j needs no dispatch and no atomics.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, D, H] in chunks
@group(0) @binding(1) var<storage, read> activated: array<vec4<f32>>; // [T·K, H]
@group(0) @binding(2) var<storage, read> slots: array<Slot>; // [T, K]
@group(0) @binding(3) var<storage, read_write> x: array<f32>; // [T, D], the residual stream
@group(0) @binding(4) var<uniform> pass_state: Pass;

override ROWS: u32; // D
override CHOSEN: u32; // K
override SCALE: f32;
override ACCUMULATE: bool; // otherwise x is the sum alone

fn activation(slot: u32, i: u32) -> vec4<f32> {
  return activated[slot * (COLUMNS / 4u) + i];
}

// One of the four values of activation(slot, i).
fn activation_value(slot: u32, i: u32, part: u32) -> f32 {
  return activated[slot * (COLUMNS / 4u) + i][part];
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let token = id.y;
  let first = id.x / LANES * 4u;
  let rows = min(vec4(first, first + 1u, first + 2u, first + 3u), vec4(ROWS - 1u));
  var share = vec4<f32>();
  for (var j = 0u; j < CHOSEN; j++) {
    let slot = token * CHOSEN + j;
    if (slots[slot].expert == NO_EXPERT) {
      break;
    }
    share += slots[slot].weight * dot_rows(slots[slot].expert * ROWS + rows, slot, local);
  }
  let sum = SCALE * sum_lanes(share, local);
  if (local % LANES == 0u && token < pass_state.tokens) {
    for (var i = 0u; i < min(4u, ROWS - min(first, ROWS)); i++) {
      let at = token * ROWS + first + i;
      if (ACCUMULATE) {
        x[at] += sum[i];
      } else {
        x[at] = sum[i];
      }
    }
  }
}
