// q8_0 weights: blocks of 32 signed bytes with one scale; 16 to a 16-byte chunk.
const CHUNK_VECTORS = 4u;
alias Chunk = array<vec4<f32>, CHUNK_VECTORS>;

// Shifting left and back again extends the sign; the four bytes of a word are four columns.
fn signed_bytes(word: u32) -> vec4<f32> {
  return vec4<f32>(bitcast<vec4<i32>>(vec4<u32>(word) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}

fn weight_chunk(chunk: u32) -> Chunk {
  let quants = weights[chunk];
  let scale = block_scale(chunk / 2u);
  return Chunk(
    scale * signed_bytes(quants.x),
    scale * signed_bytes(quants.y),
    scale * signed_bytes(quants.z),
    scale * signed_bytes(quants.w),
  );
}
