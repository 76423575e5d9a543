// A tile of 16 activation rows × 2 · 256 weight rows; an invocation computes all 16 rows of 2 · 4 columns. Each reads all
// it needs for itself: no workgroup memory, no barrier. The kernel binds x and sizes, and defines x_row(tile, row of it),
// compute_tile(group, local) and FEW.
const TILE = 16u; // activation rows
const TILE_COLUMNS = 256u; // weight rows of each of the two sets, a and b

const BLOCKS = 4u; // of four activation rows
struct Product {
  a: array<mat4x4<f32>, BLOCKS>, // [block][weight row][activation row]
  b: array<mat4x4<f32>, BLOCKS>,
}

// Of one block: what few_blocks.wgsl or few_vectors.wgsl gives.
struct Few {
  a: mat4x4<f32>, // [weight row][activation row]
  b: mat4x4<f32>,
}

// The four activation rows of a block, counted from the tile's first.
fn tile_rows(block: u32, local: u32) -> vec4<u32> {
  return 4u * block + vec4(0u, 1u, 2u, 3u);
}

// The four columns of each set, counted from the tile's first: neighbours, so that all of them or none exist.
fn tile_columns(local: u32) -> vec4<u32> {
  return 4u * local + vec4(0u, 1u, 2u, 3u);
}

// Where the four activation rows of a block begin.
fn x_begins(tile: Tile, block: u32) -> vec4<u32> {
  let first = 4u * block;
  let rows = vec4(x_row(tile, first), x_row(tile, first + 1u), x_row(tile, first + 2u), x_row(tile, first + 3u));
  return rows * (sizes.columns / 4u);
}

// Products of the tile's activation rows with weight rows w_a and w_b. `live` false skips the
// work: nothing will be stored. Up to FEW rows go four by four through a loop of their own.
fn multiply_tile(tile: Tile, w_a: vec4<u32>, w_b: vec4<u32>, live: bool, local: u32) -> Product {
  var product: Product;
  if (!any_live(live)) {
    return product;
  }
  let a_rows = four_rows(w_a, sizes.columns, sizes.scales);
  let b_rows = four_rows(w_b, sizes.columns, sizes.scales);
  let steps = sizes.columns / (4u * STEP);
  if (FEW > 0u && tile.count <= FEW) {
    for (var block = 0u; 4u * block < tile.count; block++) {
      let few = multiply_four(a_rows, b_rows, x_begins(tile, block), steps);
      product.a[block] = few.a;
      product.b[block] = few.b;
    }
  } else {
    let begins_0 = x_begins(tile, 0u);
    let begins_1 = x_begins(tile, 1u);
    let begins_2 = x_begins(tile, 2u);
    let begins_3 = x_begins(tile, 3u);
    for (var step = 0u; step < steps; step++) {
      let scale_a = step_scales(a_rows, step);
      let scale_b = step_scales(b_rows, step);
      for (var i = 0u; i < STEP; i++) {
        let a = four_vectors(a_rows, step, i, scale_a);
        let b = four_vectors(b_rows, step, i, scale_b);
        let x_0 = four_activations(begins_0, step * STEP + i);
        product.a[0] += x_0 * a;
        product.b[0] += x_0 * b;
        let x_1 = four_activations(begins_1, step * STEP + i);
        product.a[1] += x_1 * a;
        product.b[1] += x_1 * b;
        let x_2 = four_activations(begins_2, step * STEP + i);
        product.a[2] += x_2 * a;
        product.b[2] += x_2 * b;
        let x_3 = four_activations(begins_3, step * STEP + i);
        product.a[3] += x_3 * a;
        product.b[3] += x_3 * b;
      }
    }
  }
  return product;
}
