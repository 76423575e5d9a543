// Four weight rows side by side, for kernels that keep them in registers. A row is read in steps.
override STEP: u32; // vectors in a step: a quantised block, which has one scale; else as many as divide the row

// Where four rows begin.
struct FourRows {
  chunks: vec4<u32>, // their values, in 16 bytes
  scales: vec4<u32>, // their blocks' scales, in f16 values
}

fn four_rows(rows: vec4<u32>, columns: u32, scales: u32) -> FourRows {
  return FourRows(rows * (columns / CHUNK), scales + rows * (columns / 32u));
}

fn step_scales(rows: FourRows, step: u32) -> vec4<f32> {
  return vec4(
    step_scale(rows.scales.x + step),
    step_scale(rows.scales.y + step),
    step_scale(rows.scales.z + step),
    step_scale(rows.scales.w + step),
  );
}

// Vector i of a step of each of four rows, as columns.
fn four_vectors(rows: FourRows, step: u32, i: u32, scales: vec4<f32>) -> mat4x4<f32> {
  return mat4x4(
    step_vector(rows.chunks.x, step, i, scales.x),
    step_vector(rows.chunks.y, step, i, scales.y),
    step_vector(rows.chunks.z, step, i, scales.z),
    step_vector(rows.chunks.w, step, i, scales.w),
  );
}
