// The way back through the second half of an expert and its SwiGLU: d_active = weight · dx · downᵀ, then gate and up.
// dx [N, D] → d_gate_up [slots, 2H]
// One invocation computes eight slots by four of H.
@group(0) @binding(5) var<storage, read> slots: array<Slot>; // [slots]
@group(0) @binding(6) var<storage, read> gate_up: array<vec4<f32>>; // [slots, 2H]
@group(0) @binding(7) var<storage, read_write> d_gate_up: array<vec4<f32>>; // [slots, 2H]
@group(0) @binding(8) var<uniform> pass_state: Pass;

fn store(slot: u32, quad: u32, product: vec4<f32>) {
  let quads = COLUMNS / 4u; // of H
  let d_active = product * slots[slot].weight;
  let at = slot * 2u * quads + quad;
  let gate = gate_up[at];
  let up = gate_up[at + quads];
  let sigmoid = 1.0 / (1.0 + exp(-max(gate, vec4(-80.0))));
  d_gate_up[at] = d_active * up * sigmoid * (1.0 + gate * (1.0 - sigmoid));
  d_gate_up[at + quads] = d_active * gate * sigmoid;
}
