// A KV cache in half precision, two values to a word. Core WGSL: this needs no shader-f16.
const PER_WORD = 2u; // values in a word
alias CacheWord = u32;
alias CacheVector = vec2<u32>; // four neighbouring values

// Word number `word` of two neighbouring values. What half precision cannot hold becomes the largest number it can.
fn pack_word(values: vec2<f32>, word: u32) -> CacheWord {
  return pack2x16float(clamp(values, vec2(-65504.0), vec2(65504.0)));
}

// The value at an index of the cache, out of its word.
fn word_value(word: CacheWord, index: u32) -> f32 {
  return unpack2x16float(word)[index % 2u];
}

fn vector_values(vector: CacheVector) -> vec4<f32> {
  return vec4(unpack2x16float(vector.x), unpack2x16float(vector.y));
}
