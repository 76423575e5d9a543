// q8_0 weights read vector by vector, a block to a step, for kernels without barriers; see four_weights.wgsl.
const CHUNK = 16u; // values in 16 bytes

fn step_scale(at: u32) -> f32 {
  return weight_f16(at);
}

fn step_vector(begin: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  return scale * signed_bytes(weights[begin + 2u * step + i / 4u][i % 4u]);
}

const QUANT_OFFSET = 0.0;

fn placed(x: vec4<f32>) -> vec4<f32> {
  return x;
}

fn placed_four(x: mat4x4<f32>) -> mat4x4<f32> {
  return x;
}

// Quants of vectors i and i + 4 of a block.
fn block_quants(begin: u32, block: u32, i: u32) -> Quants {
  let chunk = begin + 2u * block;
  return Quants(signed_bytes(weights[chunk][i]), signed_bytes(weights[chunk + 1u][i]));
}

fn signed_bytes(word: u32) -> vec4<f32> {
  let i = bitcast<i32>(word);
  return vec4<f32>(vec4(i << 24u, i << 16u, i << 8u, i) >> vec4(24u));
}
