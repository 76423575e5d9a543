// What latent attention keeps of a token, and what it turns by position (DeepSeek-V2, arXiv:2405.04434): the latent vector is
// RMS-normed, the values beside it and the last ones of every head's query are turned, pairs (2i, 2i + 1).
// kept [T, rank + turned], q [T, heads, plain + turned] → cache [context, rank + turned], query [T, heads, rank + turned] from
// rank on
// LANES invocations do one head's query, or the token's row of the cache.
@group(0) @binding(0) var<storage, read> q: array<f32>; // [T, heads, plain + turned]
@group(0) @binding(1) var<storage, read> kept: array<f32>; // [T, rank + turned]
@group(0) @binding(2) var<storage, read> norm_weight: array<f32>; // [rank]
@group(0) @binding(3) var<storage, read> rotations: array<vec2<f32>>; // [context, turned / 2] of (cos, sin)
@group(0) @binding(4) var<storage, read_write> query: array<f32>; // [T, heads, rank + turned]
@group(0) @binding(5) var<storage, read_write> cache: array<CacheWord>; // [context, rank + turned]
@group(0) @binding(6) var<uniform> pass_state: Pass;

override HEADS: u32;
override RANK: u32; // all three are multiples of 4
override PLAIN: u32;
override TURNED: u32;
override CONTEXT: u32;
override EPSILON: f32;

fn rotate(pair: vec2<f32>, turn: vec2<f32>) -> vec2<f32> {
  return vec2(pair.x * turn.x - pair.y * turn.y, pair.x * turn.y + pair.y * turn.x);
}

fn keep(at: u32, pair: vec2<f32>) {
  for (var word = 0u; word < 2u / PER_WORD; word++) {
    cache[at / PER_WORD + word] = pack_word(pair, word);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let slot = id.x / LANES; // a head's query, or behind them the row of the cache
  let lane = local % LANES;
  let token = id.y;
  let row = RANK + TURNED;
  let source = token * row;
  var squares = 0.0;
  if (slot == HEADS) {
    for (var i = lane; i < RANK; i += LANES) {
      squares += kept[source + i] * kept[source + i];
    }
  }
  // No return before this: all lanes meet in sum_lanes.
  let factor = inverseSqrt(sum_lanes(vec4(squares), local).x / f32(RANK) + EPSILON);
  let position = pass_state.position + token;
  if (slot > HEADS || token >= pass_state.tokens || position >= CONTEXT) {
    return;
  }
  let turns = position * (TURNED / 2u);
  if (slot < HEADS) {
    let head = token * HEADS + slot;
    let begin = head * (PLAIN + TURNED) + PLAIN;
    let to = head * row + RANK;
    for (var i = lane; i < TURNED / 2u; i += LANES) {
      let pair = rotate(vec2(q[begin + 2u * i], q[begin + 2u * i + 1u]), rotations[turns + i]);
      query[to + 2u * i] = pair.x;
      query[to + 2u * i + 1u] = pair.y;
    }
    return;
  }
  for (var i = 2u * lane; i < RANK; i += 2u * LANES) {
    let pair = vec2(kept[source + i] * norm_weight[i], kept[source + i + 1u] * norm_weight[i + 1u]);
    keep(position * row + i, factor * pair);
  }
  for (var i = lane; i < TURNED / 2u; i += LANES) {
    let at = source + RANK + 2u * i;
    keep(position * row + RANK + 2u * i, rotate(vec2(kept[at], kept[at + 1u]), rotations[turns + i]));
  }
}
