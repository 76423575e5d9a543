// First half of an expert in a decode step: a = silu(gate·h) · (up·h), by the expert that the router chose for the slot.
// x [T, D] (h, or what NORM makes h of), slots [T, K], weights [E, 2H, D] (gate rows, then up rows) → activated [T·K, H]
// LANES invocations compute two neighbouring hidden units of one slot: two gate rows and two up rows.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, 2H, D] in chunks
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(2) var<storage, read> slots: array<Slot>; // [T, K]
@group(0) @binding(3) var<storage, read> norm_weight: array<vec4<f32>>; // [D]; unused unless NORM
@group(0) @binding(4) var<storage, read_write> activated: array<f32>; // [T·K, H]
@group(0) @binding(5) var<storage, read> biases: array<f32>; // [E, 2H], gate's, then up's; unused unless the experts have them
@group(0) @binding(6) var<uniform> pass_state: Pass;

override HIDDEN: u32; // H
override CHOSEN: u32; // K

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let slot = group.y;
  if (pass_state.stop != 0u || slots[slot].expert == NO_EXPERT) {
    return;
  }
  let unit = id.x / LANES * 2u;
  let gate_rows = slots[slot].expert * 2u * HIDDEN + min(vec2(unit, unit + 1u), vec2(HIDDEN - 1u));
  let rows = vec4(gate_rows, gate_rows + HIDDEN);
  let token = slot / CHOSEN;
  let product = sum_lanes(dot_rows(rows, token, local), local) * norm_factor(token, local);
  if (local % LANES == 0u && slot < pass_state.tokens * CHOSEN) {
    if (unit < HIDDEN) {
      activated[slot * HIDDEN + unit] = activate(rows.x, HIDDEN, product.x, product.z);
    }
    if (unit + 1u < HIDDEN) {
      activated[slot * HIDDEN + unit + 1u] = activate(rows.y, HIDDEN, product.y, product.w);
    }
  }
}
