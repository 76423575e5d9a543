// First half of the experts in a prefill: a grouped GEMM over the tiles of the plan, with SwiGLU at its end.
// h [T, D], order [T·K], tiles, weights [E, 2H, D] (gate rows, then up rows) → activated [T·K, H]
// One workgroup computes 16 slots of one expert × 32 hidden units; one invocation 4 × 2 of them, gate and up both.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [E, 2H, D] in chunks
@group(0) @binding(1) var<storage, read> h: array<vec4<f32>>; // [T, D]
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(3) var<storage, read> order: array<u32>; // [T·K]
@group(0) @binding(4) var<storage, read> work: TileList;
@group(0) @binding(5) var<storage, read_write> activated: array<f32>; // [T·K, H]
@group(0) @binding(6) var<uniform> pass_state: Pass;

override HIDDEN: u32; // H
override CHOSEN: u32; // K

fn activation(token: u32, i: u32) -> vec4<f32> {
  return h[token * (COLUMNS / 4u) + i];
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

  let unit = group.x * (TILE_COLUMNS / 2u) + local % 16u + vec2(0u, 16u);
  let gate_rows = expert * 2u * HIDDEN + min(unit, vec2(HIDDEN - 1u));
  let live = row.x < end && unit.x < HIDDEN;
  let product = multiply_tile(slot / CHOSEN, vec4(gate_rows, gate_rows + HIDDEN), local, live);

  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 2u; j++) {
      if (row[i] < end && unit[j] < HIDDEN) {
        activated[slot[i] * HIDDEN + unit[j]] = swiglu(product[i][j], product[i][j + 2u]);
      }
    }
  }
}
