// bf16 weights read vector by vector, for kernels without barriers; see four_weights.wgsl.
const CHUNK = 8u; // values in 16 bytes

fn step_scale(at: u32) -> f32 {
  return 1.0;
}

fn step_vector(begin: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  let vector = step * STEP + i;
  let chunk = begin + vector / 2u;
  let word = vector % 2u * 2u;
  let pair = vec2(weights[chunk][word], weights[chunk][word + 1u]);
  return bitcast<vec4<f32>>(vec4(pair.x << 16u, pair.x & 0xffff0000u, pair.y << 16u, pair.y & 0xffff0000u));
}
