// bf16 weights: 8 to a 16-byte chunk, each the upper half of an f32.
const CHUNK_VECTORS = 2u;
alias Chunk = vec4<u32>;

fn load_chunk(index: u32) -> Chunk {
  return weights[index];
}

fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  let pair = vec2(chunk[2u * i], chunk[2u * i + 1u]);
  return bitcast<vec4<f32>>(vec4(pair.x << 16u, pair.x & 0xffff0000u, pair.y << 16u, pair.y & 0xffff0000u));
}
