// A tile of 16 activation rows × 64 weight rows, 4 × 4 products to an invocation. The workgroup stages 32 columns at a
// time in workgroup memory, dequantised once, as vec4 [column/4][row]: neighbours then read neighbouring vectors.
// The kernel defines activation(row, vector).
const TILE = 16u; // activation rows
const TILE_COLUMNS = 64u; // weight rows
const STAGE = 8u; // vectors of K staged at a time
override COLUMNS: u32; // K
override CHUNKS = COLUMNS / (4u * CHUNK_VECTORS);

var<workgroup> x_row_of: array<u32, TILE>;
var<workgroup> w_row_of: array<u32, TILE_COLUMNS>;
var<workgroup> x_stage: array<vec4<f32>, STAGE * TILE>; // 2 KiB
var<workgroup> w_stage: array<vec4<f32>, STAGE * TILE_COLUMNS>; // 8 KiB

fn stage_activations(first: u32, local: u32) {
  for (var i = local; i < STAGE * TILE; i += 64u) {
    let vector = first + i % STAGE; // neighbours read neighbouring columns
    let row = i / STAGE;
    if (vector < COLUMNS / 4u) {
      x_stage[(i % STAGE) * TILE + row] = activation(x_row_of[row], vector);
    }
  }
}

fn stage_weights(first: u32, local: u32) {
  const CHUNKS_STAGED = STAGE / CHUNK_VECTORS;
  for (var i = local; i < CHUNKS_STAGED * TILE_COLUMNS; i += 64u) {
    let chunk = first / CHUNK_VECTORS + i % CHUNKS_STAGED;
    let row = i / CHUNKS_STAGED;
    if (chunk < CHUNKS) {
      let values = load_chunk(w_row_of[row] * CHUNKS + chunk);
      for (var v = 0u; v < CHUNK_VECTORS; v++) {
        w_stage[((i % CHUNKS_STAGED) * CHUNK_VECTORS + v) * TILE_COLUMNS + row] = chunk_vector(values, v);
      }
    }
  }
}

// product[i][j] = activation row x_rows[i] · weight row w_rows[j]. Every invocation of the workgroup must call it; those
// with the same local / 16 pass the same x_rows, those with the same local % 16 the same w_rows.
fn multiply_tile(x_rows: vec4<u32>, w_rows: vec4<u32>, local: u32, live: bool) -> mat4x4<f32> {
  let across = local % 16u;
  let down = local / 16u;
  for (var i = 0u; i < 4u; i++) {
    if (across == 0u) {
      x_row_of[down + 4u * i] = x_rows[i];
    }
    if (down == 0u) {
      w_row_of[across + 16u * i] = w_rows[i];
    }
  }
  var product = mat4x4<f32>();
  for (var first = 0u; first < COLUMNS / 4u; first += STAGE) {
    workgroupBarrier();
    stage_activations(first, local);
    stage_weights(first, local);
    workgroupBarrier();
    for (var k = 0u; k < min(STAGE, COLUMNS / 4u - first); k++) {
      let w = k * TILE_COLUMNS + across;
      let weight = mat4x4(w_stage[w], w_stage[w + 16u], w_stage[w + 32u], w_stage[w + 48u]);
      let x = k * TILE + down;
      product[0] += x_stage[x] * weight; // vector * matrix = the vector's dot with every column
      product[1] += x_stage[x + 4u] * weight;
      product[2] += x_stage[x + 8u] * weight;
      product[3] += x_stage[x + 12u] * weight;
    }
  }
  return product;
}
