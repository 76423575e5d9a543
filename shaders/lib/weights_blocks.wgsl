// Weights of 4 to 6 bits, a block at a time; see blocks.wgsl.
const CHUNK_VECTORS = 8u;
alias Chunk = Block;

fn load_chunk(index: u32) -> Chunk {
  return read_block(index, SCALES);
}

fn chunk_vector(chunk: Chunk, i: u32) -> vec4<f32> {
  return block_vector(chunk, i);
}
