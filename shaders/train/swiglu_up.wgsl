// The first half of an expert: gate and up, and silu(gate) · up. Both are kept for the way back.
// h [N, D] → gate_up [slots, 2H], active [slots, H]
// One invocation computes eight slots by four of H.
@group(0) @binding(5) var<storage, read_write> gate_up: array<vec4<f32>>; // [slots, 2H]
@group(0) @binding(6) var<storage, read_write> active_rows: array<vec4<f32>>; // [slots, H]
@group(0) @binding(7) var<uniform> pass_state: Pass;

fn store(slot: u32, quad: u32, gate: vec4<f32>, up: vec4<f32>) {
  let quads = COLUMNS / 8u;
  gate_up[slot * 2u * quads + quad] = gate;
  gate_up[slot * 2u * quads + quads + quad] = up;
  active_rows[slot * quads + quad] = gate / (1.0 + exp(-max(gate, vec4(-80.0)))) * up;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = COLUMNS / 8u; // of H
  let quad = id.x % quads;
  let block = block_of(id.x / quads);
  if (!block.live) {
    return;
  }
  let gate = multiply(block, quad);
  let up = multiply(block, quad + quads);
  store(block.low.x, quad, gate.low[0], up.low[0]);
  store(block.low.y, quad, gate.low[1], up.low[1]);
  store(block.low.z, quad, gate.low[2], up.low[2]);
  store(block.low.w, quad, gate.low[3], up.low[3]);
  store(block.high.x, quad, gate.high[0], up.high[0]);
  store(block.high.y, quad, gate.high[1], up.high[1]);
  store(block.high.z, quad, gate.high[2], up.high[2]);
  store(block.high.w, quad, gate.high[3], up.high[3]);
}
