// A tile of 16 activation rows × 2 · 64 weight rows; an invocation computes 4 rows of 2 · 4 columns. The workgroup stages
// 16 values of every row at a time in workgroup memory, dequantised once, as vec4 [value/4][row]: neighbours then read
// neighbouring vectors. The kernel binds x and defines x_row(tile, row of it) and
// compute_tile(group, local).
const TILE = 16u; // activation rows
const TILE_COLUMNS = 64u; // weight rows of each of the two sets, a and b
const STAGE = 4u; // vectors of every row staged at a time
override COLUMNS: u32; // K
override CHUNKS = COLUMNS / (4u * CHUNK_VECTORS);

const BLOCKS = 1u;
struct Product {
  a: array<mat4x4<f32>, BLOCKS>, // [block][weight row][activation row]
  b: array<mat4x4<f32>, BLOCKS>,
}

var<workgroup> x_row_of: array<u32, TILE>;
var<workgroup> w_row_of: array<u32, 2u * TILE_COLUMNS>;
var<workgroup> x_stage: array<vec4<f32>, STAGE * TILE>; // 1 KiB
var<workgroup> w_stage: array<vec4<f32>, STAGE * 2u * TILE_COLUMNS>; // 8 KiB

fn tile_rows(block: u32, local: u32) -> vec4<u32> {
  return local / 16u * 4u + vec4(0u, 1u, 2u, 3u);
}

fn tile_columns(local: u32) -> vec4<u32> {
  return local % 16u + vec4(0u, 16u, 32u, 48u);
}

fn stage_activations(first: u32, local: u32) {
  let vector = first + local % STAGE; // neighbours read neighbouring vectors
  let row = local / STAGE;
  if (vector < COLUMNS / 4u) {
    x_stage[(local % STAGE) * TILE + row] = x[x_row_of[row] * (COLUMNS / 4u) + vector];
  }
}

fn stage_weights(first: u32, local: u32) {
  const STAGED = min(CHUNK_VECTORS, STAGE); // vectors of a chunk that this stage takes
  const PARTS = STAGE / STAGED; // chunks in a stage
  for (var i = local; i < PARTS * 2u * TILE_COLUMNS; i += 64u) {
    let vector = first + i % PARTS * STAGED;
    let row = i / PARTS;
    if (vector < COLUMNS / 4u) {
      let values = load_chunk(w_row_of[row] * CHUNKS + vector / CHUNK_VECTORS);
      for (var v = 0u; v < STAGED; v++) {
        w_stage[(i % PARTS * STAGED + v) * 2u * TILE_COLUMNS + row] = chunk_vector(values, vector % CHUNK_VECTORS + v);
      }
    }
  }
}

// Products of the tile's activation rows with weight rows w_a and w_b. Every invocation of the
// workgroup must call it; those with the same local % 16 pass the same weight rows.
fn multiply_tile(tile: Tile, w_a: vec4<u32>, w_b: vec4<u32>, live: bool, local: u32) -> Product {
  let columns = tile_columns(local);
  let rows = tile_rows(0u, local);
  if (local < 16u) {
    x_row_of[local] = x_row(tile, local);
    for (var i = 0u; i < 4u; i++) {
      w_row_of[columns[i]] = w_a[i];
      w_row_of[TILE_COLUMNS + columns[i]] = w_b[i];
    }
  }
  let computes = live && rows.x < tile.count;
  var a = mat4x4<f32>();
  var b = mat4x4<f32>();
  for (var first = 0u; first < COLUMNS / 4u; first += STAGE) {
    workgroupBarrier();
    stage_activations(first, local);
    stage_weights(first, local);
    workgroupBarrier();
    if (computes) {
      for (var k = 0u; k < min(STAGE, COLUMNS / 4u - first); k++) {
        let w = k * 2u * TILE_COLUMNS + columns.x;
        let x_at = k * TILE + rows.x;
        let values = transpose(mat4x4(x_stage[x_at], x_stage[x_at + 1u], x_stage[x_at + 2u], x_stage[x_at + 3u]));
        a += values * mat4x4(w_stage[w], w_stage[w + 16u], w_stage[w + 32u], w_stage[w + 48u]);
        b += values * mat4x4(w_stage[w + 64u], w_stage[w + 80u], w_stage[w + 96u], w_stage[w + 112u]);
      }
    }
  }
  var product: Product;
  product.a[0] = a;
  product.b[0] = b;
  return product;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  compute_tile(group, local);
}
