// The router: scores every expert for every token and picks the top k (Shazeer et al. 2017, arXiv:1701.06538).
// x [T, D] → h = RMSNorm(x) [T, D]; logits = router·h + bias [E]; softmax over all E; slots [T, K] of the k highest
// One workgroup computes one token.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(1) var<storage, read> norm_weight: array<vec4<f32>>; // [D]
@group(0) @binding(2) var<storage, read> router: array<vec4<f32>>; // [E, D]
@group(0) @binding(3) var<storage, read> bias: array<f32>; // [E]; ≤ -1e30 knocks the expert out
@group(0) @binding(4) var<storage, read_write> h: array<vec4<f32>>; // [T, D]
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>; // [T, K]
@group(0) @binding(6) var<storage, read_write> trace: array<u32>; // ring of [K ids, K gate weights, E probabilities]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override EXPERTS: u32; // E ≤ 256
override CHOSEN: u32; // K ≤ 16
override PARTS: u32; // invocations that share one logit; EXPERTS · PARTS ≤ 256
override NORM: bool; // otherwise h = x · norm_weight
override NORMALISE: bool; // gate weights are divided by their sum
override EPSILON: f32;

const GROUP = 64u;
const KNOCKED_OUT = -3.0e38;

var<workgroup> squares: array<f32, GROUP>;
var<workgroup> partial_logits: array<f32, EXPERTS * PARTS>;
var<workgroup> logits: array<f32, EXPERTS>;
var<workgroup> numerators: array<f32, EXPERTS>; // of the softmax
var<workgroup> chosen: array<f32, CHOSEN>; // probabilities of the experts chosen, best first

// Read from the bits, because a compiler may assume that no float is NaN.
fn is_nan(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

// 1. RMSNorm. Leaves the normed token in h, for the experts to read, and returns the factor.
fn normalise(token: u32, local: u32) -> f32 {
  let vectors = WIDTH / 4u;
  var sum = 0.0;
  for (var i = local; i < vectors; i += GROUP) {
    let value = x[token * vectors + i];
    sum += dot(value, value);
  }
  squares[local] = sum;
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < GROUP; i++) {
    total += squares[i];
  }
  let factor = select(1.0, inverseSqrt(total / f32(WIDTH) + EPSILON), NORM);
  for (var i = local; i < vectors; i += GROUP) {
    h[token * vectors + i] = x[token * vectors + i] * factor * norm_weight[i];
  }
  return factor;
}

// 2. One logit per expert. A logit that is not a number counts as 0, so that all that follows is finite and, with ties
// going to the lower index, a poisoned token goes to the first experts.
fn score_experts(token: u32, factor: f32, local: u32) {
  let vectors = WIDTH / 4u;
  for (var i = local; i < EXPERTS * PARTS; i += GROUP) {
    let expert = i / PARTS;
    var sum = 0.0;
    for (var d = i % PARTS; d < vectors; d += PARTS) {
      sum += dot(router[expert * vectors + d], x[token * vectors + d] * norm_weight[d]);
    }
    partial_logits[i] = sum * factor;
  }
  workgroupBarrier();
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    var logit = bias[expert];
    for (var part = 0u; part < PARTS; part++) {
      logit += partial_logits[expert * PARTS + part];
    }
    logit = select(clamp(logit, -1e30, 1e30), 0.0, is_nan(logit));
    logits[expert] = select(logit, KNOCKED_OUT, bias[expert] <= -1e30);
  }
  workgroupBarrier();
}

// 3. Softmax over all experts, whether chosen or not; a knocked-out expert has probability 0 exactly.
fn softmax(local: u32) -> f32 {
  var highest = logits[0];
  for (var i = 1u; i < EXPERTS; i++) {
    highest = max(highest, logits[i]);
  }
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let live = logits[expert] > KNOCKED_OUT;
    numerators[expert] = select(0.0, exp(logits[expert] - highest), live);
  }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < EXPERTS; i++) {
    total += numerators[i];
  }
  return max(total, 1e-30); // 0 only if every expert is knocked out
}

// 4. Top-k. An expert's rank is the number of experts that beat it, so the top k are those with rank < k. Every expert
// finds its own rank: no sort, and a tie goes to the lower index.
fn rank_of(expert: u32) -> u32 {
  var rank = 0u;
  for (var other = 0u; other < EXPERTS; other++) {
    let beats = logits[other] > logits[expert] || (logits[other] == logits[expert] && other < expert);
    rank += u32(beats);
  }
  return rank;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let token = group.x;
  let factor = normalise(token, local);
  score_experts(token, factor, local);
  let total = softmax(local);

  let record = 2u * CHOSEN + EXPERTS;
  let entry = (pass_state.step + token) % (arrayLength(&trace) / record) * record;
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let probability = numerators[expert] / total;
    trace[entry + 2u * CHOSEN + expert] = bitcast<u32>(probability);
    let rank = rank_of(expert);
    if (rank < CHOSEN) { // this line picks the top k
      slots[token * CHOSEN + rank].expert = expert;
      trace[entry + rank] = expert;
      chosen[rank] = probability;
    }
  }
  workgroupBarrier();
  if (local < CHOSEN) {
    var sum = 0.0;
    for (var j = 0u; j < CHOSEN; j++) {
      sum += chosen[j];
    }
    // The bound is llama.cpp's: the smallest normal f16, 2^-14.
    let gate_weight = select(chosen[local], chosen[local] / max(sum, 0x1p-14f), NORMALISE);
    slots[token * CHOSEN + local].weight = gate_weight;
    trace[entry + CHOSEN + local] = bitcast<u32>(gate_weight);
  }
}
