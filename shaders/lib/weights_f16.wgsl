// f16 weights: 8 to a 16-byte chunk. unpack2x16float is core WGSL, so this needs no shader-f16.
const CHUNK_VECTORS = 2u;
alias Chunk = vec4<u32>;

fn load_chunk(index: u32) -> Chunk {
  return weights[index];
}

fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  return vec4(unpack2x16float(chunk[2u * i]), unpack2x16float(chunk[2u * i + 1u]));
}
