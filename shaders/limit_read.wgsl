// A limit of the machine: how fast it reads. Every word of `data` is read once and added into a sum that is checked.
// data [workgroups · STEPS · 256] vectors of 4 → sums [workgroups · 256]
// A workgroup reads one contiguous part, in steps of 256 neighbours that read 16 bytes each.
@group(0) @binding(0) var<storage, read> data: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;
@group(0) @binding(2) var<uniform> pass_state: Pass;

override STEPS: u32; // a multiple of 4

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  // The pass counts one token and starts at position 0, which the compiler cannot know.
  var at = (group.x * STEPS * pass_state.tokens + pass_state.position) * 256u + lane;
  var sum = vec4<u32>();
  for (var step = 0u; step < STEPS; step += 4u) {
    let a = data[at];
    let b = data[at + 256u];
    let c = data[at + 512u];
    let d = data[at + 768u];
    sum += a + b + (c + d);
    at += 1024u;
  }
  sums[group.x * 256u + lane] = sum.x + sum.y + sum.z + sum.w;
}
