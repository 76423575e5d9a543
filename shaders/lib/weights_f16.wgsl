// f16 weights: 8 to a 16-byte chunk. unpack2x16float is core WGSL, so this needs no shader-f16.
const CHUNK_VECTORS = 2u;
alias Chunk = array<vec4<f32>, CHUNK_VECTORS>;

fn weight_chunk(chunk: u32) -> Chunk {
  let word = weights[chunk];
  return Chunk(
    vec4(unpack2x16float(word.x), unpack2x16float(word.y)),
    vec4(unpack2x16float(word.z), unpack2x16float(word.w)),
  );
}
