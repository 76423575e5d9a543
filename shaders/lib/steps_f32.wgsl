// f32 weights read vector by vector, for kernels without barriers; see four_weights.wgsl.
const CHUNK = 4u; // values in 16 bytes

fn step_scale(at: u32) -> f32 {
  return 1.0;
}

fn step_vector(begin: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  return bitcast<vec4<f32>>(weights[begin + step * STEP + i]);
}
