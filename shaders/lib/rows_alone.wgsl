// Four rows of x, read by every invocation for itself.

fn any_live(live: bool) -> bool {
  return live;
}

// Column j holds value 4i + j of each of four rows of x.
fn four_activations(begins: vec4<u32>, i: u32) -> mat4x4<f32> {
  let at = begins + i;
  return transpose(mat4x4(x[at.x], x[at.y], x[at.z], x[at.w]));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  compute_tile(group, local);
}
