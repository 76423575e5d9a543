// A tile of 16 activation rows × 64 weight rows, 4 × 4 products to an invocation. Each reads all it needs for itself:
// no workgroup memory, no barrier. The kernel defines activation(row, vector).
const TILE = 16u; // activation rows
const TILE_COLUMNS = 64u; // weight rows
override COLUMNS: u32; // K
override CHUNKS = COLUMNS / (4u * CHUNK_VECTORS);

// product[i][j] = activation row x_rows[i] · weight row w_rows[j]. `live` false skips the work: nothing will be stored.
fn multiply_tile(x_rows: vec4<u32>, w_rows: vec4<u32>, local: u32, live: bool) -> mat4x4<f32> {
  var product = mat4x4<f32>();
  if (!live) {
    return product;
  }
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    let w0 = load_chunk(w_rows.x * CHUNKS + chunk);
    let w1 = load_chunk(w_rows.y * CHUNKS + chunk);
    let w2 = load_chunk(w_rows.z * CHUNKS + chunk);
    let w3 = load_chunk(w_rows.w * CHUNKS + chunk);
    for (var v = 0u; v < CHUNK_VECTORS; v++) {
      let w = mat4x4(chunk_vector(w0, v), chunk_vector(w1, v), chunk_vector(w2, v), chunk_vector(w3, v));
      // vector * matrix: the vector's dot with every column.
      let column = chunk * CHUNK_VECTORS + v;
      product[0] += activation(x_rows.x, column) * w;
      product[1] += activation(x_rows.y, column) * w;
      product[2] += activation(x_rows.z, column) * w;
      product[3] += activation(x_rows.w, column) * w;
    }
  }
  return product;
}
