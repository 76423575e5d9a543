// q4_0 weights: blocks of 32 nibbles less 8, with one scale; a block is a 16-byte chunk.
const CHUNK_VECTORS = 8u;

// Stays packed until it is used: five registers, not thirty-two.
struct Chunk {
  quants: vec4<u32>,
  scale: f32,
}

fn load_chunk(index: u32) -> Chunk {
  return Chunk(weights[index], block_scale(index));
}

// As in the file, low nibbles are columns 0 to 15 and high nibbles columns 16 to 31.
fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  let nibbles = (vec4(chunk.quants[i % 4u]) >> (vec4(0u, 8u, 16u, 24u) + i / 4u * 4u)) & vec4(15u);
  return chunk.scale * (vec4<f32>(nibbles) - 8.0);
}
