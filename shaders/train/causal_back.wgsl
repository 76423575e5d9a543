// The way back through causal attention. With p the share that a query takes of a key, and t what it takes in all:
// ds = p · (dt · v - dt · t) / √d; then dq = Σ ds · k over the keys, dk = Σ ds · q and dv = Σ p · dt over the queries.
// qkv [N, 3D], taken [N, D], d_taken [N, D], normalisers [N, heads] → d_qkv [N, 3D]
// One invocation computes one head of one row: first as a query, then as a key and value. Each takes as long as any other.
@group(0) @binding(0) var<storage, read> qkv: array<vec4<f32>>; // [N, 3D]
@group(0) @binding(1) var<storage, read> taken: array<vec4<f32>>; // [N, D]
@group(0) @binding(2) var<storage, read> d_taken: array<vec4<f32>>; // [N, D]
@group(0) @binding(3) var<storage, read> normalisers: array<f32>; // [N, heads]
@group(0) @binding(4) var<storage, read_write> d_qkv: array<vec4<f32>>; // [N, 3D]
@group(0) @binding(5) var<uniform> pass_state: Pass;

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
  let own = n * 3u * width + head;
  let first = n - n % CONTEXT;
  let end = min(first + CONTEXT, pass_state.tokens);
  // In turn: query and d_taken, then key and value.
  var a: array<vec4<f32>, QUADS>;
  var b: array<vec4<f32>, QUADS>;
  var da: array<vec4<f32>, QUADS>;
  var db: array<vec4<f32>, QUADS>;
  var mean = 0.0;
  for (var i = 0u; i < QUADS; i++) {
    a[i] = qkv[own + i];
    b[i] = d_taken[n * width + head + i];
    mean += dot(b[i], taken[n * width + head + i]);
  }
  for (var row = first; row <= n; row++) {
    let key = (row * 3u + 1u) * width + head;
    var score = 0.0;
    var d_share = 0.0;
    for (var i = 0u; i < QUADS; i++) {
      score += dot(a[i], qkv[key + i]);
      d_share += dot(b[i], qkv[key + width + i]);
    }
    let d_score = exp(score * SCALE - normalisers[id.x]) * (d_share - mean) * SCALE;
    for (var i = 0u; i < QUADS; i++) {
      da[i] += d_score * qkv[key + i];
    }
  }
  for (var i = 0u; i < QUADS; i++) {
    d_qkv[own + i] = da[i];
    a[i] = qkv[own + width + i];
    b[i] = qkv[own + 2u * width + i];
    da[i] = vec4<f32>();
  }
  for (var row = n; row < end; row++) {
    let query = row * 3u * width + head;
    let answer = row * width + head;
    var score = 0.0;
    var pull = 0.0; // d_share - mean
    for (var i = 0u; i < QUADS; i++) {
      score += dot(a[i], qkv[query + i]);
      pull += dot(b[i] - taken[answer + i], d_taken[answer + i]);
    }
    let share = exp(score * SCALE - normalisers[row * HEADS + id.x % HEADS]);
    for (var i = 0u; i < QUADS; i++) {
      da[i] += share * pull * SCALE * qkv[query + i];
      db[i] += share * d_taken[answer + i];
    }
  }
  for (var i = 0u; i < QUADS; i++) {
    d_qkv[own + width + i] = da[i];
    d_qkv[own + 2u * width + i] = db[i];
  }
}
