// Splits q|k|v, norms q and k (QK-norm), turns them by their position (RoPE, Su et al. 2021, arXiv:2104.09864) and writes
// k and v into the KV cache.
// qkv [T, (heads + 2·kvHeads)·headDim] → q [T, heads·headDim], k_cache and v_cache [context, kvHeads·headDim]
// LANES invocations compute one head of one token.
@group(0) @binding(0) var<storage, read> qkv: array<f32>; // [T, heads + 2·kvHeads, headDim]
@group(0) @binding(1) var<storage, read> q_norm: array<f32>; // [headDim], or [heads·headDim] if NORM_WIDTH
@group(0) @binding(2) var<storage, read> k_norm: array<f32>; // [headDim], or [kvHeads·headDim] if NORM_WIDTH
@group(0) @binding(3) var<storage, read> rotations: array<vec2<f32>>; // [context, headDim / 2] of (cos, sin)
@group(0) @binding(4) var<storage, read_write> q: array<f32>; // [T, heads, headDim]
@group(0) @binding(5) var<storage, read_write> k_cache: array<f32>; // [context, kvHeads, headDim]
@group(0) @binding(6) var<storage, read_write> v_cache: array<f32>; // [context, kvHeads, headDim]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;
override CONTEXT: u32;
override EPSILON: f32;
override INTERLEAVED: bool; // pairs (2i, 2i + 1); otherwise (i, i + headDim / 2)
override NORM_HEAD: bool; // QK-norm over each head (Qwen3)
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
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
  if (NORM_HEAD || NORM_WIDTH) {
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
  for (var i = lane; i < HEAD_DIM / 2u; i += LANES) {
    let a = select(i, 2u * i, INTERLEAVED);
    let b = select(i + HEAD_DIM / 2u, 2u * i + 1u, INTERLEAVED);
    var pair = vec2(qkv[source + a], qkv[source + b]);
    if (kind == V) {
      let to = (position * KV_HEADS + head) * HEAD_DIM;
      v_cache[to + a] = pair.x;
      v_cache[to + b] = pair.y;
      continue;
    }
    if (NORM_HEAD || NORM_WIDTH) {
      let w = select(0u, head * HEAD_DIM, NORM_WIDTH);
      pair *= factor * vec2(norm_weight(kind, w + a), norm_weight(kind, w + b));
    }
    let turn = rotations[position * (HEAD_DIM / 2u) + i];
    let turned = vec2(pair.x * turn.x - pair.y * turn.y, pair.x * turn.y + pair.y * turn.x);
    if (kind == Q) {
      let to = (token * HEADS + head) * HEAD_DIM;
      q[to + a] = turned.x;
      q[to + b] = turned.y;
    } else {
      let to = (position * KV_HEADS + head) * HEAD_DIM;
      k_cache[to + a] = turned.x;
      k_cache[to + b] = turned.y;
    }
  }
}
