// q4_0 weights read vector by vector, a block to a step, for kernels without barriers; see four_weights.wgsl.
const CHUNK = 32u; // values in 16 bytes

fn step_scale(at: u32) -> f32 {
  return weight_f16(at);
}

// Exact: a product of 4 and 11 bits, and eight times the scale. Signed, because some adapters convert that faster.
fn step_vector(begin: u32, step: u32, i: u32, scale: f32) -> vec4<f32> {
  let word = vec4(bitcast<i32>(weights[begin + step][i % 4u]));
  let nibbles = (word >> (vec4(0u, 8u, 16u, 24u) + i / 4u * 4u)) & vec4(15);
  return fma(vec4<f32>(nibbles), vec4(scale), vec4(-8.0 * scale));
}

const QUANT_OFFSET = 8.0;

// Quants of vectors i and i + 4 of a block times x: the low and the high nibbles of one word.
fn block_dot(begin: u32, block: u32, i: u32, low: vec4<f32>, high: vec4<f32>) -> f32 {
  let word = bitcast<i32>(weights[begin + block][i]);
  let lows = vec4(word, word >> 8u, word >> 16u, word >> 24u) & vec4(15);
  let highs = vec4(word >> 4u, word >> 12u, word >> 20u, word >> 28u) & vec4(15);
  return dot(vec4<f32>(lows), low) + dot(vec4<f32>(highs), high);
}
