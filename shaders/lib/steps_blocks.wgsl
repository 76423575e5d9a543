// Four rows of weights of 4 to 6 bits side by side, a block to a step, for kernels without barriers; see blocks.wgsl.
override STEP: u32; // always the eight vectors of a block

struct FourRows {
  chunks: vec4<u32>,
  count: u32,
}

struct FourBlocks {
  a: Block,
  b: Block,
  c: Block,
  d: Block,
}

// `scales`: where other formats' scales begin, in f16 values, which is eight to a block.
fn four_rows(rows: vec4<u32>, columns: u32, scales: u32) -> FourRows {
  return FourRows(rows * (columns / 32u), scales / 8u);
}

fn step_scales(rows: FourRows, step: u32) -> FourBlocks {
  return FourBlocks(
    read_block(rows.chunks.x + step, rows.count),
    read_block(rows.chunks.y + step, rows.count),
    read_block(rows.chunks.z + step, rows.count),
    read_block(rows.chunks.w + step, rows.count),
  );
}

fn four_vectors(rows: FourRows, step: u32, i: u32, blocks: FourBlocks) -> mat4x4<f32> {
  return mat4x4(
    block_vector(blocks.a, i),
    block_vector(blocks.b, i),
    block_vector(blocks.c, i),
    block_vector(blocks.d, i),
  );
}
