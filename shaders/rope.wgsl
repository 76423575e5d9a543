// Splits q|k|v, norms q and k (QK-norm), and v without weights where a model does (Gemma), turns them by their position (RoPE, Su et al. 2021, arXiv:2104.09864) and writes
// k and v into the KV cache.
// qkv [T, (heads + 2·kvHeads)·headDim] → q [T, heads·headDim], k_cache and v_cache [ring, kvHeads·headDim]
// LANES invocations compute one head of one token.
@group(0) @binding(0) var<storage, read> qkv: array<f32>; // [T, heads + 2·kvHeads, headDim]
@group(0) @binding(1) var<storage, read> q_norm: array<f32>; // [headDim], or [heads·headDim] if NORM_WIDTH
@group(0) @binding(2) var<storage, read> k_norm: array<f32>; // [headDim], or [kvHeads·headDim] if NORM_WIDTH
@group(0) @binding(3) var<storage, read> rotations: array<vec2<f32>>; // [context, headDim / 2] of (cos, sin)
@group(0) @binding(4) var<storage, read_write> q: array<f32>; // [T, heads, headDim]
@group(0) @binding(5) var<storage, read_write> k_cache: array<CacheWord>; // [ring, kvHeads, headDim]
@group(0) @binding(6) var<storage, read_write> v_cache: array<CacheWord>; // [ring, kvHeads, headDim]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32; // multiple of 4
override TURNED: u32; // values of a head that turn, from the first on
override CONTEXT: u32;
override RING: u32; // rows of the caches; position p's is number p % RING
override EPSILON: f32;
override INTERLEAVED: bool; // pairs (2i, 2i + 1); otherwise (i, i + headDim / 2)
override NORM_HEAD: bool; // QK-norm over each head (Qwen3)
override NORM_VALUES: bool = false;
override NORM_WIDTH: bool; // QK-norm over all heads together (OLMoE)

const Q = 0u;
const K = 1u;
const V = 2u;

fn norm_weight(kind: u32, i: u32) -> f32 {
  if (kind == Q) {
    return q_norm[i];
  }
  return k_norm[i];
}

// Columns of the i-th pair of a head. Those behind the values that turn are pairs, too, by a turn of nothing.
fn columns(i: u32) -> vec2<u32> {
  if (INTERLEAVED) {
    return vec2(2u * i, 2u * i + 1u);
  }
  if (TURNED < HEAD_DIM && i >= TURNED / 2u) {
    let still = TURNED + i - TURNED / 2u;
    return vec2(still, still + (HEAD_DIM - TURNED) / 2u);
  }
  return vec2(i, i + TURNED / 2u);
}

fn pair_of(source: u32, i: u32) -> vec2<f32> {
  let at = columns(i);
  return vec2(qkv[source + at.x], qkv[source + at.y]);
}

fn rotate(pair: vec2<f32>, turn: vec2<f32>) -> vec2<f32> {
  return vec2(pair.x * turn.x - pair.y * turn.y, pair.x * turn.y + pair.y * turn.x);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let all_heads = HEADS + 2u * KV_HEADS;
  let slot = id.x / LANES; // one head of q, k or v
  let lane = local % LANES;
  let token = id.y;
  var kind = Q;
  var head = min(slot, all_heads - 1u);
  if (head >= HEADS + KV_HEADS) {
    kind = V;
    head -= HEADS + KV_HEADS;
  } else if (head >= HEADS) {
    kind = K;
    head -= HEADS;
  }
  let token_start = token * all_heads * HEAD_DIM;
  let kind_start = token_start + select(select(HEADS + KV_HEADS, HEADS, kind == K), 0u, kind == Q) * HEAD_DIM;
  let source = kind_start + head * HEAD_DIM;

  var factor = 1.0;
  if (NORM_HEAD || NORM_WIDTH || NORM_VALUES) {
    let start = select(source, kind_start, NORM_WIDTH);
    let count = select(HEAD_DIM, select(KV_HEADS, HEADS, kind == Q) * HEAD_DIM, NORM_WIDTH);
    var squares = 0.0;
    for (var i = lane; i < count; i += LANES) {
      squares += qkv[start + i] * qkv[start + i];
    }
    factor = inverseSqrt(sum_lanes(vec4(squares), local).x / f32(count) + EPSILON);
  }

  let position = pass_state.position + token;
  if (slot >= all_heads || token >= pass_state.tokens || position >= CONTEXT) {
    return;
  }
  // Two pairs at a time, which are two times two neighbouring columns: as many as a word of the cache may hold.
  let w = select(0u, head * HEAD_DIM, NORM_WIDTH);
  for (var i = 2u * lane; i < HEAD_DIM / 2u; i += 2u * LANES) {
    var pairs = array(pair_of(source, i), pair_of(source, i + 1u));
    if (kind == V && NORM_VALUES) {
      pairs[0] *= factor;
      pairs[1] *= factor;
    }
    if (kind != V) {
      for (var j = 0u; j < 2u; j++) {
        if (NORM_HEAD || NORM_WIDTH) {
          let at = columns(i + j);
          pairs[j] *= factor * vec2(norm_weight(kind, w + at.x), norm_weight(kind, w + at.y));
        }
        if (TURNED > 0u) {
          pairs[j] = rotate(pairs[j], rotations[position * (HEAD_DIM / 2u) + i + j]);
        }
      }
    }
    let first = select(vec2(pairs[0].x, pairs[1].x), pairs[0], INTERLEAVED);
    let second = select(vec2(pairs[0].y, pairs[1].y), pairs[1], INTERLEAVED);
    let low = columns(i).x;
    let high = select(columns(i).y, low + 2u, INTERLEAVED);
    if (kind == Q) {
      let to = (token * HEADS + head) * HEAD_DIM;
      q[to + low] = first.x;
      q[to + low + 1u] = first.y;
      q[to + high] = second.x;
      q[to + high + 1u] = second.y;
      continue;
    }
    let to = (position % RING * KV_HEADS + head) * HEAD_DIM;
    for (var word = 0u; word < 2u / PER_WORD; word++) {
      let at = vec2((to + low) / PER_WORD + word, (to + high) / PER_WORD + word);
      if (kind == K) {
        k_cache[at.x] = pack_word(first, word);
        k_cache[at.y] = pack_word(second, word);
      } else {
        v_cache[at.x] = pack_word(first, word);
        v_cache[at.y] = pack_word(second, word);
      }
    }
  }
}
