// f32 weights: 4 to a 16-byte chunk.
const CHUNK_VECTORS = 1u;
alias Chunk = array<vec4<f32>, CHUNK_VECTORS>;

fn weight_chunk(chunk: u32) -> Chunk {
  return Chunk(bitcast<vec4<f32>>(weights[chunk]));
}
