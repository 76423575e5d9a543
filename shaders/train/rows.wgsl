// What the grouped products share: eight rows of one expert, times four columns of its matrix.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [rows, INNER]
@group(0) @binding(1) var<storage, read> weights: array<vec4<f32>>; // [E, INNER, COLUMNS], or if TRANSPOSED [E, COLUMNS, INNER]
@group(0) @binding(2) var<storage, read> order: array<u32>; // slot numbers, by expert
@group(0) @binding(3) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(4) var<storage, read> work: TileList;

override INNER: u32;
override COLUMNS: u32;
override TRANSPOSED: bool = false;
override SHARED: u32 = 1; // slots that share a row of x
override TILE: u32;

const ROWS = 8u;

struct Block {
  expert: u32,
  live: bool,
  low: vec4<u32>, // slots; where the expert has fewer, its last one again, which computes and writes the same
  high: vec4<u32>,
}

fn block_of(index: u32) -> Block {
  var block: Block;
  let tile = index / (TILE / ROWS);
  if (tile >= work.count) {
    return block;
  }
  let begin = work.tiles[tile];
  let first = begin.y + index % (TILE / ROWS) * ROWS;
  let end = offsets[begin.x + 1u];
  if (first >= end) {
    return block;
  }
  let last = vec4(end - 1u);
  let low = min(first + vec4(0u, 1u, 2u, 3u), last);
  let high = min(first + vec4(4u, 5u, 6u, 7u), last);
  block.expert = begin.x;
  block.live = true;
  block.low = vec4(order[low.x], order[low.y], order[low.z], order[low.w]);
  block.high = vec4(order[high.x], order[high.y], order[high.z], order[high.w]);
  return block;
}

struct Products {
  low: mat4x4<f32>, // column j: four values of row j
  high: mat4x4<f32>,
}

fn four_rows(begins: vec4<u32>, k: u32) -> mat4x4<f32> {
  let at = begins + k;
  return mat4x4(x[at.x], x[at.y], x[at.z], x[at.w]);
}

// Columns 4·quad … 4·quad + 3 of the products of the block's rows.
fn multiply(block: Block, quad: u32) -> Products {
  let inner = INNER / 4u;
  let low = block.low / SHARED * inner;
  let high = block.high / SHARED * inner;
  let base = block.expert * inner * COLUMNS;
  var sums: Products;
  if (TRANSPOSED) {
    for (var k = 0u; k < inner; k++) {
      let at = base + quad * INNER + k;
      let w = transpose(mat4x4(weights[at], weights[at + inner], weights[at + 2u * inner], weights[at + 3u * inner]));
      sums.low += w * four_rows(low, k);
      sums.high += w * four_rows(high, k);
    }
  } else {
    let step = COLUMNS / 4u;
    for (var k = 0u; k < inner; k++) {
      let at = base + k * COLUMNS + quad;
      let w = mat4x4(weights[at], weights[at + step], weights[at + 2u * step], weights[at + 3u * step]);
      sums.low += w * four_rows(low, k);
      sums.high += w * four_rows(high, k);
    }
  }
  return sums;
}
