// Second half of the experts in a prefill: a grouped GEMM over the tiles of the plan.
// activated [T·K, H], order [T·K], tiles, weights [E, D, H] → y [T·K, D]: y[slot] = down · activated[slot]
// One workgroup computes 16 slots of one expert × 64 outputs; one invocation 4 × 4 of them.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, D, H] in chunks
@group(0) @binding(1) var<storage, read> activated: array<vec4<f32>>; // [T·K, H]
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(3) var<storage, read> order: array<u32>; // [T·K]
@group(0) @binding(4) var<storage, read> work: TileList;
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T·K, D]
@group(0) @binding(6) var<uniform> pass_state: Pass;

override ROWS: u32; // D

fn activation(slot: u32, i: u32) -> vec4<f32> {
  return activated[slot * (COLUMNS / 4u) + i];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (group.y >= work.count) {
    return;
  }
  let expert = work.tiles[group.y].x;
  let end = offsets[expert + 1u];
  let row = work.tiles[group.y].y + local / 16u + vec4(0u, 4u, 8u, 12u); // in `order`; the last tile may be ragged
  let in_tile = min(row, vec4(end - 1u));
  let slot = vec4(order[in_tile.x], order[in_tile.y], order[in_tile.z], order[in_tile.w]);

  let output = group.x * TILE_COLUMNS + local % 16u + vec4(0u, 16u, 32u, 48u);
  let live = row.x < end && output.x < ROWS;
  let product = multiply_tile(slot, expert * ROWS + min(output, vec4(ROWS - 1u)), local, live);

  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (row[i] < end && output[j] < ROWS) {
        y[slot[i] * ROWS + output[j]] = product[i][j];
      }
    }
  }
}
