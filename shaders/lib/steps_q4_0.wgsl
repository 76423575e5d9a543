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

// Nibbles are masked where they lie, because some adapters take long to shift each by its own number of bits; a factor makes
// up for their places.
const NIBBLES = vec4(0xf, 0xf00, 0xf0000, 0xf000000);
const PLACES = vec4(1.0, 0x1p-8, 0x1p-16, 0x1p-24);

fn placed(x: vec4<f32>) -> vec4<f32> {
  return PLACES * x;
}

// Column j: value j of four activation rows.
fn placed_four(x: mat4x4<f32>) -> mat4x4<f32> {
  return mat4x4(x[0] * PLACES.x, x[1] * PLACES.y, x[2] * PLACES.z, x[3] * PLACES.w);
}

// Quants of vectors i and i + 4 of a block, the low and the high nibbles of one word: to be multiplied with what placed() gives.
fn block_quants(begin: u32, block: u32, i: u32) -> Quants {
  let word = bitcast<i32>(weights[begin + block][i]);
  return Quants(vec4<f32>(vec4(word) & NIBBLES), vec4<f32>(vec4(word >> 4u) & NIBBLES));
}
