// Causal attention with grouped heads, by online softmax (Milakov & Gimelshein 2018, arXiv:1805.02867): no T × T matrix.
// q [T, heads·headDim], k_cache and v_cache [ring, kvHeads·headDim] → y [T, heads·headDim]
// One invocation computes one head of one token, four keys at a time: no barrier, for adapters where barriers are dear.
@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>; // [T, heads, headDim]
@group(0) @binding(1) var<storage, read> k_cache: array<CacheVector>; // [ring, kvHeads, headDim]
@group(0) @binding(2) var<storage, read> v_cache: array<CacheVector>; // [ring, kvHeads, headDim]
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>; // [T, heads, headDim]
@group(0) @binding(4) var<storage, read> sinks: array<f32>; // [heads]; unused unless SINKS
@group(0) @binding(5) var<uniform> pass_state: Pass;

override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32; // multiple of 4
override CONTEXT: u32;
override RING: u32; // rows of the caches; position p's is number p % RING
override SCALE: f32;
override WINDOW: u32 = 0; // positions that a token sees, its own included; 0 for all
override SINKS: bool = false; // each head's softmax has a logit more, that no value goes with (Xiao et al. 2023, arXiv:2309.17453)

const MASKED = -3.0e38;

fn key(i: u32) -> vec4<f32> {
  return vector_values(k_cache[i]);
}

fn value(i: u32) -> vec4<f32> {
  return vector_values(v_cache[i]);
}

fn rows_of(positions: vec4<u32>) -> vec4<u32> {
  if (RING < CONTEXT) {
    return positions % vec4(RING);
  }
  return positions;
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let head = id.x;
  let token = id.y;
  if (head >= HEADS || token >= pass_state.tokens || pass_state.stop != 0u) {
    return;
  }
  let vectors = HEAD_DIM / 4u;
  let kv_stride = KV_HEADS * vectors;
  let kv_head = head / (HEADS / KV_HEADS) * vectors;
  let out = (token * HEADS + head) * vectors;
  let keys = min(pass_state.position + token + 1u, CONTEXT);

  for (var d = 0u; d < vectors; d++) {
    y[out + d] = vec4<f32>();
  }
  var highest = MASKED;
  var total = 0.0;
  if (SINKS) {
    highest = sinks[head];
    total = 1.0;
  }
  var begin = 0u;
  if (WINDOW > 0u) {
    begin = keys - min(keys, WINDOW);
  }
  for (var first = begin; first < keys; first += 4u) {
    let position = vec4(first, first + 1u, first + 2u, first + 3u);
    let row = rows_of(min(position, vec4(keys - 1u))) * kv_stride + kv_head;
    var score = vec4<f32>();
    for (var d = 0u; d < vectors; d++) {
      let k = mat4x4(key(row.x + d), key(row.y + d), key(row.z + d), key(row.w + d));
      score += q[out + d] * k;
    }
    score = select(vec4(MASKED), SCALE * score, position < vec4(keys));

    // What was summed so far was relative to the old maximum.
    let higher = max(highest, max(max(score.x, score.y), max(score.z, score.w)));
    let rescale = exp(highest - higher);
    let p = select(vec4<f32>(), exp(score - higher), position < vec4(keys));
    highest = higher;
    total = total * rescale + dot(p, vec4(1.0));
    for (var d = 0u; d < vectors; d++) {
      let v = mat4x4(value(row.x + d), value(row.y + d), value(row.z + d), value(row.w + d));
      y[out + d] = y[out + d] * rescale + v * p;
    }
  }
  for (var d = 0u; d < vectors; d++) {
    y[out + d] /= total;
  }
}
