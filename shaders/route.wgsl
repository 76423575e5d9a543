// The router: scores every expert for every token and picks the top k (Shazeer et al. 2017, arXiv:1701.06538).
// x [T, D] → h = RMSNorm(x) [T, D]; logits = router·h + bias [E]; softmax over all E; slots [T, S] of the k highest
// One workgroup computes one token.
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(1) var<storage, read> norm_weight: array<vec4<f32>>; // [D]
@group(0) @binding(2) var<storage, read> router: array<vec4<f32>>; // [E, D]
@group(0) @binding(3) var<storage, read> control: Control;
@group(0) @binding(4) var<storage, read_write> h: array<vec4<f32>>; // [T, D]
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>; // [T, S]
@group(0) @binding(6) var<storage, read_write> trace: array<u32>; // ring of [S ids, S gate weights, E probabilities]
// experts_all.wgsl or experts_cached.wgsl binds pass_state, seventh.

override WIDTH: u32; // D
override EXPERTS: u32; // E ≤ 512
override SLOTS: u32; // S ≥ every k
override GROUP: u32; // invocations of a workgroup
override PARTS: u32; // of the width, which share one logit
override NORM: bool; // otherwise h = x · norm_weight
override NORMALISE: bool; // gate weights are divided by their sum
override EPSILON: f32;
// The rules of published models, DeepSeek-V2's and V3's above all (arXiv:2405.04434, arXiv:2412.19437).
override SIGMOID: bool = false; // every expert is scored on its own, instead of by a softmax over all
override BIASED: bool = false; // experts are ranked by score + selection bias, and weighed by the score alone
override GROUPS: u32 = 1; // experts are chosen from the KEPT best of so many groups alone
override KEPT: u32 = 1;
override BY_TWO: bool = false; // a group counts by its two best experts together, instead of by its best
override SCALE: f32 = 1.0; // of the gate weights, in the end

// What the host asks of this layer's router. It may change between two passes.
struct Control {
  k: u32, // experts a token gets
  rule: u32, // what they are ranked by
  seed: u32,
  layer: u32,
  runner_up: u32, // 1: the (k + 1)th takes the place of the kth
  frozen: u32, // positions from 0 on whose slots are given
  forced: u32, // how many experts are
  partial: u32, // 1: the pass goes on though experts are missing
  rows: array<vec4<u32>>, // [E] of Wish, then [frozen, S] of Slot, two to a row
}

struct Wish {
  bias: f32, // added to the logit; ≤ -1e30 knocks the expert out
  selection: f32, // added to the score for ranking alone, if BIASED
  output: f32, // of the expert's output, beside its gate weight
  forced: u32, // 1: always among the k
  entry: u32, // of the cache of experts, or MISSING
}

fn wish_of(expert: u32) -> Wish {
  let row = control.rows[expert];
  return Wish(bitcast<f32>(row.x), bitcast<f32>(row.y), bitcast<f32>(row.z), row.w >> 16u, row.w & 0xffffu);
}

fn frozen_slot(index: u32) -> Slot {
  let row = control.rows[EXPERTS + index / 2u];
  let slot = select(row.xy, row.zw, index % 2u == 1u);
  return Slot(slot.x, bitcast<f32>(slot.y));
}

const BY_LOGIT = 0u; // the router itself
const BY_TURN = 1u; // control experiments, which do not look at the text
const BY_LOT = 2u;

const KNOCKED_OUT = -3.0e38;
const FORCED = 0x10000u;

var<workgroup> squares: array<f32, GROUP>;
var<workgroup> partial_logits: array<f32, EXPERTS * PARTS>;
var<workgroup> logits: array<f32, EXPERTS>;
var<workgroup> keys: array<f32, EXPERTS>; // what the experts are ranked by
var<workgroup> numerators: array<f32, EXPERTS>; // of the softmax; or the sigmoids
// A free expert is 1, a forced one FORCED, so that one sum counts both. In one word: with 512 experts and as many slots all of this
// takes 14.3 KiB of the 16 that every device has.
var<workgroup> kind: array<u32, EXPERTS>;
var<workgroup> group_keys: array<f32, GROUPS>;
var<workgroup> picked: array<Slot, SLOTS>; // best first

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

// What an expert is ranked by: its logit, or under a control rule its turn, or a lot. One that is knocked out comes last.
fn key_of(expert: u32, position: u32) -> f32 {
  if (control.rule == BY_LOGIT || logits[expert] == KNOCKED_OUT) {
    return logits[expert];
  }
  if (control.rule == BY_LOT) { // 24 bits, which f32 holds exactly
    return f32(hash(hash(hash(control.seed ^ (position * 0x9e3779b9u)) ^ control.layer) ^ expert) >> 8u);
  }
  return -f32((expert + EXPERTS - (position * control.k + control.layer) % EXPERTS) % EXPERTS);
}

// 2. One logit per expert. A logit that is not a number counts as 0, so that all that follows is finite and, with ties
// going to the lower index, a poisoned token goes to the first experts.
fn score_experts(token: u32, factor: f32, local: u32) {
  let position = pass_state.position + token;
  let vectors = WIDTH / 4u;
  if (EXPERTS >= 4u * GROUP) {
    // Four experts to an invocation, which still leaves none idle: what is read of x serves them all.
    for (var first = 4u * local; first < EXPERTS; first += 4u * GROUP) {
      let begins = vectors * min(vec4(first, first + 1u, first + 2u, first + 3u), vec4(EXPERTS - 1u));
      var sums = vec4<f32>();
      for (var d = 0u; d < vectors; d++) {
        let value = x[token * vectors + d] * norm_weight[d];
        sums += vec4(
          dot(router[begins.x + d], value),
          dot(router[begins.y + d], value),
          dot(router[begins.z + d], value),
          dot(router[begins.w + d], value),
        );
      }
      for (var i = 0u; i < min(4u, EXPERTS - first); i++) {
        partial_logits[first + i] = sums[i] * factor;
      }
    }
  } else {
    for (var i = local; i < EXPERTS * PARTS; i += GROUP) {
      let expert = i / PARTS;
      var sum = 0.0;
      for (var d = i % PARTS; d < vectors; d += PARTS) {
        sum += dot(router[expert * vectors + d], x[token * vectors + d] * norm_weight[d]);
      }
      partial_logits[i] = sum * factor;
    }
  }
  workgroupBarrier();
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let wish = wish_of(expert);
    kind[expert] = select(1u, FORCED, wish.forced == 1u);
    var logit = wish.bias;
    for (var part = 0u; part < PARTS; part++) {
      logit += partial_logits[expert * PARTS + part];
    }
    logit = select(clamp(logit, -1e30, 1e30), 0.0, is_nan(logit));
    logits[expert] = select(logit, KNOCKED_OUT, wish.bias <= -1e30);
    keys[expert] = key_of(expert, position);
  }
  workgroupBarrier();
}

// 3. The gate: softmax over all experts, whether chosen or not, or the sigmoid of each. A knocked-out expert has exactly 0.
// Returns what the numerators are to be divided by.
fn score_gate(local: u32) -> f32 {
  var highest = logits[0];
  for (var i = 1u; i < EXPERTS; i++) {
    highest = max(highest, logits[i]);
  }
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let logit = logits[expert];
    var score = exp(logit - highest);
    if (SIGMOID) {
      score = 1.0 / (1.0 + exp(-max(logit, -80.0)));
    }
    numerators[expert] = select(0.0, score, logit > KNOCKED_OUT);
  }
  workgroupBarrier();
  if (SIGMOID) {
    return 1.0;
  }
  var total = 0.0;
  for (var i = 0u; i < EXPERTS; i++) {
    total += numerators[i];
  }
  return max(total, 1e-30); // 0 only if every expert is knocked out
}

// Ranks by score and selection bias where the model does; then no expert outside the kept groups can be chosen.
fn apply_rule(total: f32, local: u32) {
  if ((BIASED || GROUPS > 1u) && control.rule == BY_LOGIT) {
    for (var expert = local; expert < EXPERTS; expert += GROUP) {
      if (logits[expert] > KNOCKED_OUT) {
        keys[expert] = numerators[expert] / total + select(0.0, wish_of(expert).selection, BIASED);
      }
    }
    workgroupBarrier();
  }
  if (GROUPS > 1u && control.rule == BY_LOGIT) {
    keep_groups(local);
    workgroupBarrier();
  }
}

fn keep_groups(local: u32) {
  let size = EXPERTS / GROUPS;
  for (var group = local; group < GROUPS; group += GROUP) {
    var best = vec2(-1e30); // the two highest keys
    for (var expert = group * size; expert < (group + 1u) * size; expert++) {
      let key = keys[expert];
      best = select(vec2(best.x, max(best.y, key)), vec2(key, best.x), key > best.x);
    }
    group_keys[group] = select(best.x, best.x + best.y, BY_TWO);
  }
  workgroupBarrier();
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let group = expert / size;
    var rank = 0u;
    for (var other = 0u; other < GROUPS; other++) {
      rank += u32(group_keys[other] > group_keys[group] || (group_keys[other] == group_keys[group] && other < group));
    }
    if (rank >= KEPT) {
      keys[expert] = KNOCKED_OUT;
    }
  }
}

// 4. Top-k. An expert's rank is the number of experts that beat it, so the top k are those with rank < k. Every expert
// finds its own rank: no sort, and a tie goes to the lower index. Returns how many free and how many forced ones beat it.
fn beaten_by(expert: u32) -> vec2<u32> {
  var count = 0u;
  for (var other = 0u; other < EXPERTS; other++) {
    let beats = keys[other] > keys[expert] || (keys[other] == keys[expert] && other < expert);
    count += select(0u, kind[other], beats);
  }
  return vec2(count % FORCED, count / FORCED);
}

// Leaves the chosen experts in `picked`, best first, with their probabilities as weights (1 under a control rule).
fn pick(expert: u32, probability: f32) {
  if (keys[expert] == KNOCKED_OUT) {
    return;
  }
  let places = min(control.k, SLOTS) - control.forced; // for experts that are not forced
  let beaten = beaten_by(expert);
  let swapped = control.runner_up == 1u && (beaten.x == places || beaten.x + 1u == places);
  let forced = kind[expert] == FORCED;
  if (forced || (beaten.x < places) != swapped) { // this line picks the top k
    let rank = min(beaten.x, places) - u32(swapped && beaten.x == places) + beaten.y;
    picked[rank] = Slot(expert, select(1.0, probability, control.rule == BY_LOGIT));
  }
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let token = group.x;
  if (is_stopped(local)) {
    return;
  }
  for (var j = local; j < SLOTS; j += GROUP) {
    picked[j] = Slot(NO_EXPERT, 0.0);
  }
  let factor = normalise(token, local);
  score_experts(token, factor, local);
  let total = score_gate(local);
  apply_rule(total, local);

  let record = 2u * SLOTS + EXPERTS;
  let entry = (pass_state.step + token) % (arrayLength(&trace) / record) * record;
  for (var expert = local; expert < EXPERTS; expert += GROUP) {
    let probability = numerators[expert] / total;
    trace[entry + 2u * SLOTS + expert] = bitcast<u32>(probability);
    pick(expert, probability);
  }
  workgroupBarrier();

  var sum = 0.0;
  for (var j = 0u; j < SLOTS; j++) {
    sum += picked[j].weight;
  }
  let position = pass_state.position + token;
  let given = position < control.frozen && frozen_slot(position * SLOTS).expert != NO_EXPERT;
  for (var j = local; j < SLOTS; j += GROUP) {
    var slot = picked[j];
    if (NORMALISE || control.rule != BY_LOGIT) {
      slot.weight /= max(sum, 0x1p-14f); // llama.cpp's bound: the smallest normal f16
    }
    slot.weight *= SCALE;
    if (given) {
      slot = frozen_slot(position * SLOTS + j);
    }
    trace[entry + j] = slot.expert;
    trace[entry + SLOTS + j] = bitcast<u32>(slot.weight);
    if (slot.expert != NO_EXPERT) {
      slot.weight *= wish_of(slot.expert).output;
    }
    slots[token * SLOTS + j] = Slot(entry_of(slot.expert), slot.weight);
  }
}
