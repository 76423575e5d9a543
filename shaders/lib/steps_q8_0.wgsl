// q8_0 weights read vector by vector, a block to a step, for kernels without barriers; see four_weights.wgsl.
override CHUNKS = COLUMNS / 16u;

fn step_scale(row: u32, step: u32) -> f32 {
  return block_scale(row * (CHUNKS / 2u) + step);
}

fn step_vector(row: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  let word = weights[row * CHUNKS + 2u * step + i / 4u][i % 4u];
  return scale * vec4<f32>(bitcast<vec4<i32>>(vec4(word) << vec4(24u, 16u, 8u, 0u)) >> vec4(24u));
}
