// Four rows of x, read by four neighbours together: one reads one value of each row and shows it to the others. All
// invocations of the workgroup read the same rows. Quads are four invocations in a row at any subgroup size.
var<private> lane: u32; // of the subgroup

// True in all of a subgroup or in none of it, so that no quad is torn.
fn any_live(live: bool) -> bool {
  return subgroupAny(live);
}

// Column j holds value 4i + j of each of four rows of x.
fn four_activations(begins: vec4<u32>, i: u32) -> mat4x4<f32> {
  let at = begins + i;
  let mine = lane % 4u;
  let value = vec4(x[at.x][mine], x[at.y][mine], x[at.z][mine], x[at.w][mine]);
  return mat4x4(quadBroadcast(value, 0u), quadBroadcast(value, 1u), quadBroadcast(value, 2u), quadBroadcast(value, 3u));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  lane = subgroup_lane;
  compute_tile(group, local);
}
