// q4_0 weights: blocks of 32 nibbles less 8, with one scale; a block is a 16-byte chunk. As in the file, low nibbles are
// columns 0 to 15 and high nibbles columns 16 to 31.
const CHUNK_VECTORS = 8u;
alias Chunk = array<vec4<f32>, CHUNK_VECTORS>;

fn nibbles(word: u32, shift: u32) -> vec4<f32> {
  return vec4<f32>((vec4<u32>(word) >> (vec4<u32>(0u, 8u, 16u, 24u) + shift)) & vec4<u32>(15u)) - 8.0;
}

fn weight_chunk(chunk: u32) -> Chunk {
  let quants = weights[chunk];
  let scale = block_scale(chunk);
  return Chunk(
    scale * nibbles(quants.x, 0u),
    scale * nibbles(quants.y, 0u),
    scale * nibbles(quants.z, 0u),
    scale * nibbles(quants.w, 0u),
    scale * nibbles(quants.x, 4u),
    scale * nibbles(quants.y, 4u),
    scale * nibbles(quants.z, 4u),
    scale * nibbles(quants.w, 4u),
  );
}
