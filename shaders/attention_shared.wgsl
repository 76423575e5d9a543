// Causal attention with grouped heads, by online softmax (Milakov & Gimelshein 2018, arXiv:1805.02867): no T × T matrix.
// q [T, heads·headDim], k_cache and v_cache [ring, kvHeads·headDim] → y [T, heads·headDim]
// One workgroup computes one head of one token: 64 keys at a time, first a key to an invocation, then a column of v.
@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>; // [T, heads, headDim]
@group(0) @binding(1) var<storage, read> k_cache: array<CacheVector>; // [ring, kvHeads, headDim]
@group(0) @binding(2) var<storage, read> v_cache: array<CacheWord>; // [ring, kvHeads, headDim]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [T, heads, headDim]
@group(0) @binding(4) var<storage, read> sinks: array<f32>; // [heads]; unused unless SINKS
@group(0) @binding(5) var<uniform> pass_state: Pass;

override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32; // multiple of 4, ≤ 512
override CONTEXT: u32;
override RING: u32; // rows of the caches; position p's is number p % RING
override SCALE: f32;
override WINDOW: u32 = 0; // positions that a token sees, its own included; 0 for all
override SINKS: bool = false; // each head's softmax has a logit more, that no value goes with (Xiao et al. 2023, arXiv:2309.17453)

const BLOCK = 64u; // keys at a time, and invocations
const MASKED = -3.0e38;

var<workgroup> query: array<vec4<f32>, 128>;
var<workgroup> scores: array<f32, BLOCK>;

fn row_of(position: u32) -> u32 {
  if (RING < CONTEXT) {
    return position % RING;
  }
  return position;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let head = group.x;
  let token = group.y;
  let kv_head = head / (HEADS / KV_HEADS);
  let keys = min(pass_state.position + token + 1u, CONTEXT);
  let out = (token * HEADS + head) * HEAD_DIM;
  for (var i = local; i < HEAD_DIM / 4u; i += BLOCK) {
    query[i] = q[out / 4u + i];
  }

  var sum = array<vec4<f32>, 2>(); // columns local, local + 64, … of the output
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
  for (var first = begin; first < keys; first += BLOCK) {
    workgroupBarrier();
    let key = first + local;
    var score = MASKED;
    if (key < keys) {
      let row = (row_of(key) * KV_HEADS + kv_head) * (HEAD_DIM / 4u);
      var product = 0.0;
      for (var d = 0u; d < HEAD_DIM / 4u; d++) {
        product += dot(query[d], vector_values(k_cache[row + d]));
      }
      score = SCALE * product;
    }
    scores[local] = score;
    workgroupBarrier();

    // All find the same maximum and the same total: 64 reads that every invocation makes at the same address.
    let count = min(BLOCK, keys - first);
    var higher = highest;
    for (var i = 0u; i < count; i++) {
      higher = max(higher, scores[i]);
    }
    let rescale = exp(highest - higher); // what was summed so far was relative to the old maximum
    highest = higher;
    total *= rescale;
    sum[0] *= rescale;
    sum[1] *= rescale;
    for (var i = 0u; i < count; i++) {
      let p = exp(scores[i] - highest);
      total += p;
      let row = (row_of(first + i) * KV_HEADS + kv_head) * HEAD_DIM;
      for (var c = 0u; c * 64u < HEAD_DIM; c++) {
        if (local + c * 64u < HEAD_DIM) {
          let at = row + local + c * 64u;
          sum[c / 4u][c % 4u] += p * word_value(v_cache[at / PER_WORD], at);
        }
      }
    }
  }
  for (var c = 0u; c * 64u < HEAD_DIM; c++) {
    if (local + c * 64u < HEAD_DIM) {
      y[out + local + c * 64u] = sum[c / 4u][c % 4u] / total;
    }
  }
}
