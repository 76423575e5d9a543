// f32 weights read vector by vector, for kernels without barriers; see four_weights.wgsl.
override CHUNKS = COLUMNS / 4u;

fn step_scale(row: u32, step: u32) -> f32 {
  return 1.0;
}

fn step_vector(row: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  return bitcast<vec4<f32>>(weights[row * CHUNKS + step * STEP + i]);
}
