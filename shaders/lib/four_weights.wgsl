// Four weight rows side by side, for kernels that keep them in registers. A row is read in steps.
override STEP: u32; // vectors in a step: a quantised block, which has one scale; else as many as divide the row

fn step_scales(rows: vec4<u32>, step: u32) -> vec4<f32> {
  return vec4(
    step_scale(rows.x, step),
    step_scale(rows.y, step),
    step_scale(rows.z, step),
    step_scale(rows.w, step),
  );
}

// Vector i of a step of each of four rows, as columns.
fn four_vectors(rows: vec4<u32>, step: u32, i: u32, scales: vec4<f32>) -> mat4x4<f32> {
  return mat4x4(
    step_vector(rows.x, step, i, scales.x),
    step_vector(rows.y, step, i, scales.y),
    step_vector(rows.z, step, i, scales.z),
    step_vector(rows.w, step, i, scales.w),
  );
}
