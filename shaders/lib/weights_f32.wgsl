// f32 weights: 4 to a 16-byte chunk.
const CHUNK_VECTORS = 1u;
alias Chunk = vec4<u32>;

fn load_chunk(index: u32) -> Chunk {
  return weights[index];
}

fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  return bitcast<vec4<f32>>(chunk);
}
