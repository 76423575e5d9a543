// Causal attention of all heads over one latent vector a position, by online softmax (DeepSeek-V2, arXiv:2405.04434; Milakov &
// Gimelshein 2018, arXiv:1805.02867): what keys and values would be made of is read in their place.
// query [T, heads, rank + turned], cache [context, rank + turned] → y [T, heads, rank]
// One workgroup computes one head of one token: 64 positions at a time, first one to an invocation, then columns of the sum.
@group(0) @binding(0) var<storage, read> query: array<vec4<f32>>; // [T, heads, rank + turned]
@group(0) @binding(1) var<storage, read> cache: array<CacheVector>; // [context, rank + turned]
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>; // [T, heads, rank]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override HEADS: u32;
override RANK: u32; // multiple of 4, ≤ 512
override TURNED: u32; // multiple of 4, ≤ 128
override CONTEXT: u32;
override SCALE: f32;

const BLOCK = 64u; // positions at a time, and invocations
const MASKED = -3.0e38;

var<workgroup> own: array<vec4<f32>, 160>;
var<workgroup> scores: array<f32, BLOCK>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let row = group.y * HEADS + group.x;
  let vectors = (RANK + TURNED) / 4u;
  let columns = RANK / 4u;
  let positions = min(pass_state.position + group.y + 1u, CONTEXT);
  for (var i = local; i < vectors; i += BLOCK) {
    own[i] = query[row * vectors + i];
  }

  // Vectors local and local + 64 of the sum.
  var low = vec4<f32>();
  var high = vec4<f32>();
  var highest = MASKED;
  var total = 0.0;
  for (var first = 0u; first < positions; first += BLOCK) {
    workgroupBarrier();
    var score = MASKED;
    if (first + local < positions) {
      let begin = (first + local) * vectors;
      var product = 0.0;
      for (var i = 0u; i < vectors; i++) {
        product += dot(own[i], vector_values(cache[begin + i]));
      }
      score = SCALE * product;
    }
    scores[local] = score;
    workgroupBarrier();

    // All find the same maximum and the same total, as in attention_shared.wgsl.
    let count = min(BLOCK, positions - first);
    var higher = highest;
    for (var i = 0u; i < count; i++) {
      higher = max(higher, scores[i]);
    }
    let rescale = exp(highest - higher);
    highest = higher;
    total *= rescale;
    low *= rescale;
    high *= rescale;
    for (var i = 0u; i < count; i++) {
      let p = exp(scores[i] - highest);
      total += p;
      let begin = (first + i) * vectors + local;
      if (local < columns) {
        low += p * vector_values(cache[begin]);
      }
      if (local + BLOCK < columns) {
        high += p * vector_values(cache[begin + BLOCK]);
      }
    }
  }
  if (local < columns) {
    y[row * columns + local] = low / total;
  }
  if (local + BLOCK < columns) {
    y[row * columns + local + BLOCK] = high / total;
  }
}
