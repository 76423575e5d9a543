// q8_0 weights: blocks of 32 signed bytes with one scale; 16 to a 16-byte chunk.
const CHUNK_VECTORS = 4u;

// Stays packed until it is used: five registers, not sixteen.
struct Chunk {
  quants: vec4<u32>,
  scale: f32,
}

fn load_chunk(index: u32) -> Chunk {
  return Chunk(weights[index], block_scale(index / 2u));
}

// Four bytes of a word are four columns. Shifting left and back again extends the sign.
fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  let shifted = bitcast<vec4<i32>>(vec4(chunk.quants[i]) << vec4(24u, 16u, 8u, 0u));
  return chunk.scale * vec4<f32>(shifted >> vec4(24u));
}
