// A limit of the machine: how fast it copies.
// data [workgroups · STEPS · 256] vectors of 4 → copied, the same
// A workgroup copies one contiguous part, in steps of 256 neighbours that move 16 bytes each.
@group(0) @binding(0) var<storage, read> data: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4<u32>>;
@group(0) @binding(2) var<uniform> pass_state: Pass;

override STEPS: u32;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  var at = (group.x * STEPS * pass_state.tokens + pass_state.position) * 256u + lane;
  for (var step = 0u; step < STEPS; step++) {
    copied[at] = data[at];
    at += 256u;
  }
}
