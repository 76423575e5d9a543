// A KV cache in f32.
const PER_WORD = 1u; // values in a word
alias CacheWord = f32;
alias CacheVector = vec4<f32>; // four neighbouring values

fn pack_word(values: vec2<f32>, word: u32) -> CacheWord {
  return values[word];
}

fn word_value(word: CacheWord, index: u32) -> f32 {
  return word;
}

fn vector_values(vector: CacheVector) -> vec4<f32> {
  return vector;
}
