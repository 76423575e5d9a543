// Causal attention among the CONTEXT rows of a text: softmax(q · kᵀ / √d) · v. The softmax's normaliser is kept for the way back.
// qkv [N, 3D] → taken [N, D], normalisers [N, heads]
// One invocation computes one head of one row.
@group(0) @binding(0) var<storage, read> qkv: array<vec4<f32>>; // [N, 3D]: queries, keys, values; in each, head by head
@group(0) @binding(1) var<storage, read_write> taken: array<vec4<f32>>; // [N, D]
@group(0) @binding(2) var<storage, read_write> normalisers: array<f32>; // [N, heads]: logarithm of the sum of exponentials
@group(0) @binding(3) var<uniform> pass_state: Pass;

override HEADS: u32;
override QUADS: u32; // d / 4
override CONTEXT: u32; // T
override SCALE: f32; // 1 / √d

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / HEADS;
  if (n >= pass_state.tokens) {
    return;
  }
  let width = HEADS * QUADS; // quads of D
  let head = id.x % HEADS * QUADS;
  var query: array<vec4<f32>, QUADS>;
  var sum: array<vec4<f32>, QUADS>;
  for (var i = 0u; i < QUADS; i++) {
    query[i] = qkv[n * 3u * width + head + i] * SCALE;
  }
  var most = -3.0e38;
  var total = 0.0;
  for (var row = n - n % CONTEXT; row <= n; row++) {
    let key = (row * 3u + 1u) * width + head;
    var score = 0.0;
    for (var i = 0u; i < QUADS; i++) {
      score += dot(query[i], qkv[key + i]);
    }
    if (score > most) {
      let shrink = exp(most - score);
      total *= shrink;
      for (var i = 0u; i < QUADS; i++) {
        sum[i] *= shrink;
      }
      most = score;
    }
    let share = exp(score - most);
    total += share;
    for (var i = 0u; i < QUADS; i++) {
      sum[i] += share * qkv[key + width + i];
    }
  }
  for (var i = 0u; i < QUADS; i++) {
    taken[n * width + head + i] = sum[i] / total;
  }
  normalisers[id.x] = most + log(total);
}
