// Weights of 4 to 6 bits in blocks of 32: a 16-byte chunk of low nibbles, then for all blocks the words of their fifth and
// sixth bits, then for all their factors. value = scale · (code − ZERO) + offset, or scale · table[code].
override HIGH_BITS: u32; // of a code beyond four
override FACTORS: u32; // how they are kept
override TABLE: u32; // 0: codes are numbers
override ZERO: f32;

const HALF = 0u; // a scale in f16
const BRAIN = 1u; // a scale in bf16
const PAIR = 2u; // scale and offset in f16
// Eight blocks share five words: two f16 factors, then two bytes to a block.
const SIX = 3u; // whole numbers for scale and minus offset
const SIGNED = 4u; // of each 16 columns a scale with its sign
const FOURS = 5u; // of each 16 columns a nibble for scale and one for minus offset

const IQ4 = array<f32, 16>(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
const FP4 = array<f32, 16>(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

// Stays packed until it is used.
struct Block {
  low: vec4<u32>,
  high: vec2<u32>, // bit i is column i's
  scales: vec2<f32>, // of columns 0 to 15, and of 16 to 31
  offsets: vec2<f32>,
}

fn weight_word(index: u32) -> u32 {
  return weights[index / 4u][index % 4u];
}

// `count`: blocks of all weights in the buffer.
fn read_block(block: u32, count: u32) -> Block {
  var found: Block;
  found.low = weights[block];
  let high = 4u * count + HIGH_BITS * block;
  if (HIGH_BITS > 0u) {
    found.high.x = weight_word(high);
  }
  if (HIGH_BITS > 1u) {
    found.high.y = weight_word(high + 1u);
  }
  let factors = (4u + HIGH_BITS) * count;
  if (FACTORS == PAIR) {
    let word = weight_word(factors + block);
    found.scales = vec2(half_value(word & 0xffffu));
    found.offsets = vec2(half_value(word >> 16u));
    return found;
  }
  if (FACTORS < PAIR) {
    let bits = (weight_word(factors + block / 2u) >> (16u * (block % 2u))) & 0xffffu;
    found.scales = vec2(select(bitcast<f32>(bits << 16u), half_value(bits), FACTORS == HALF));
    return found;
  }
  let eight = factors + block / 8u * 5u;
  let shared_factors = weight_word(eight);
  let scale = half_value(shared_factors & 0xffffu);
  let minimum = half_value(shared_factors >> 16u);
  let bytes = (weight_word(eight + 1u + block % 8u / 2u) >> (16u * (block % 2u))) & 0xffffu;
  if (FACTORS == SIX) {
    found.scales = vec2(scale * f32(bytes & 0xffu));
    found.offsets = vec2(-minimum * f32(bytes >> 8u));
  } else if (FACTORS == SIGNED) {
    found.scales = scale * vec2<f32>((vec2(bitcast<i32>(bytes)) << vec2(24u, 16u)) >> vec2(24u));
  } else {
    let both = vec2(bytes & 0xffu, bytes >> 8u);
    found.scales = scale * vec2<f32>(both & vec2(15u));
    found.offsets = -minimum * vec2<f32>(both >> vec2(4u));
  }
  return found;
}

// Columns 4i to 4i + 3 of a block.
fn block_vector(block: Block, i: u32) -> vec4<f32> {
  var codes = (vec4(block.low[i % 4u]) >> (vec4(0u, 8u, 16u, 24u) + i / 4u * 4u)) & vec4(15u);
  if (TABLE == 1u) {
    return block.scales[i / 4u] * vec4(IQ4[codes.x], IQ4[codes.y], IQ4[codes.z], IQ4[codes.w]);
  }
  if (TABLE == 2u) {
    return block.scales[i / 4u] * vec4(FP4[codes.x], FP4[codes.y], FP4[codes.z], FP4[codes.w]);
  }
  let bit = vec4(0u, 1u, 2u, 3u) + 4u * i;
  if (HIGH_BITS > 0u) {
    codes |= ((vec4(block.high.x) >> bit) & vec4(1u)) << vec4(4u);
  }
  if (HIGH_BITS > 1u) {
    codes |= ((vec4(block.high.y) >> bit) & vec4(1u)) << vec4(5u);
  }
  return fma(vec4<f32>(codes) - vec4(ZERO), vec4(block.scales[i / 4u]), vec4(block.offsets[i / 4u]));
}
