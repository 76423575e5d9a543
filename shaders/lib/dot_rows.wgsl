// Four weight rows at once, so that every activation that is loaded is used four times.
override GROUP: u32; // invocations of a workgroup
override COLUMNS: u32; // K, a multiple of the chunk
override CHUNKS = COLUMNS / (4u * CHUNK_VECTORS);

// This lane's share of (row · activation row) for four rows of `weights`; the kernel defines activation(row, vector).
fn dot_rows(rows: vec4<u32>, activation_row: u32, local: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var c = local % LANES; c < CHUNKS; c += LANES) {
    let w0 = load_chunk(rows.x * CHUNKS + c);
    let w1 = load_chunk(rows.y * CHUNKS + c);
    let w2 = load_chunk(rows.z * CHUNKS + c);
    let w3 = load_chunk(rows.w * CHUNKS + c);
    for (var i = 0u; i < CHUNK_VECTORS; i++) {
      let x = shared_activation(activation_row, c * CHUNK_VECTORS + i, local);
      sum.x += dot(chunk_vector(w0, i), x);
      sum.y += dot(chunk_vector(w1, i), x);
      sum.z += dot(chunk_vector(w2, i), x);
      sum.w += dot(chunk_vector(w3, i), x);
    }
  }
  return sum;
}
