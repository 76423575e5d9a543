// A tile of 16 activation rows × 2 · 256 weight rows; an invocation computes all 16 rows of 2 · 4 columns. Each reads all
// it needs for itself: no workgroup memory, no barrier. The kernel binds x and defines x_row(tile, row of it) and
// compute_tile(group, local).
const TILE = 16u; // activation rows
const TILE_COLUMNS = 256u; // weight rows of each of the two sets, a and b
override COLUMNS: u32; // K

const BLOCKS = 4u; // of four activation rows
struct Product {
  a: array<mat4x4<f32>, BLOCKS>, // [block][weight row][activation row]
  b: array<mat4x4<f32>, BLOCKS>,
}

// The four activation rows of a block, counted from the tile's first.
fn tile_rows(block: u32, local: u32) -> vec4<u32> {
  return 4u * block + vec4(0u, 1u, 2u, 3u);
}

// The four columns of each set, counted from the tile's first: neighbours, so that all of them or none exist.
fn tile_columns(local: u32) -> vec4<u32> {
  return 4u * local + vec4(0u, 1u, 2u, 3u);
}

fn x_rows(tile: Tile, block: u32) -> vec4<u32> {
  let first = 4u * block;
  return vec4(x_row(tile, first), x_row(tile, first + 1u), x_row(tile, first + 2u), x_row(tile, first + 3u));
}

// Products of the tile's activation rows with weight rows w_a and w_b. `live` false skips the
// work: nothing will be stored. A loop of its own for every number of blocks: software adapters skip loops, not branches.
fn multiply_tile(tile: Tile, w_a: vec4<u32>, w_b: vec4<u32>, live: bool, local: u32) -> Product {
  var product: Product;
  if (!any_live(live)) {
    return product;
  }
  let rows_0 = x_rows(tile, 0u);
  let rows_1 = x_rows(tile, 1u);
  let rows_2 = x_rows(tile, 2u);
  let rows_3 = x_rows(tile, 3u);
  if (tile.count <= 8u) {
    for (var step = 0u; step < COLUMNS / (4u * STEP); step++) {
      let scale_a = step_scales(w_a, step);
      let scale_b = step_scales(w_b, step);
      for (var i = 0u; i < STEP; i++) {
        let a = four_vectors(w_a, step, i, scale_a);
        let b = four_vectors(w_b, step, i, scale_b);
        let x_0 = four_rows(rows_0, step * STEP + i);
        product.a[0] += x_0 * a;
        product.b[0] += x_0 * b;
        let x_1 = four_rows(rows_1, step * STEP + i);
        product.a[1] += x_1 * a;
        product.b[1] += x_1 * b;
      }
    }
  } else {
    for (var step = 0u; step < COLUMNS / (4u * STEP); step++) {
      let scale_a = step_scales(w_a, step);
      let scale_b = step_scales(w_b, step);
      for (var i = 0u; i < STEP; i++) {
        let a = four_vectors(w_a, step, i, scale_a);
        let b = four_vectors(w_b, step, i, scale_b);
        let x_0 = four_rows(rows_0, step * STEP + i);
        product.a[0] += x_0 * a;
        product.b[0] += x_0 * b;
        let x_1 = four_rows(rows_1, step * STEP + i);
        product.a[1] += x_1 * a;
        product.b[1] += x_1 * b;
        let x_2 = four_rows(rows_2, step * STEP + i);
        product.a[2] += x_2 * a;
        product.b[2] += x_2 * b;
        let x_3 = four_rows(rows_3, step * STEP + i);
        product.a[3] += x_3 * a;
        product.b[3] += x_3 * b;
      }
    }
  }
  return product;
}
