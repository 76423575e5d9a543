// The way back through the gate, and the balancing loss: from what the experts' answers pull at, to the logits.
// dx [N, D], y [N·k, D], probabilities [N, E padded] → d_logits [N, E padded]
// One invocation computes one pixel.
@group(0) @binding(0) var<storage, read> dx: array<vec4<f32>>; // [N, D]
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>; // [N·k, D]
@group(0) @binding(2) var<storage, read> probabilities: array<f32>; // [N, E padded]
@group(0) @binding(3) var<storage, read> slots: array<Slot>; // [N·k]
@group(0) @binding(4) var<storage, read> offsets: array<u32>; // [E + 1]
@group(0) @binding(5) var<storage, read> state: StepState;
@group(0) @binding(6) var<storage, read_write> d_logits: array<f32>; // [N, E padded]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override EXPERTS: u32; // E
override GATES: u32; // E, padded
override CHOSEN: u32; // k

fn answer(n: u32, slot: u32) -> f32 {
  let quads = WIDTH / 4u;
  var sum = 0.0;
  for (var i = 0u; i < quads; i++) {
    sum += dot(dx[n * quads + i], y[slot * quads + i]);
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= pass_state.tokens) {
    return;
  }
  let base = n * GATES;
  let slots_in_all = f32(offsets[EXPERTS]);
  // First what the balancing loss asks of each probability, then what the chosen ones' weights ask.
  var pull = 0.0;
  for (var e = 0u; e < EXPERTS; e++) {
    let share = f32(offsets[e + 1u] - offsets[e]) / slots_in_all;
    let dp = state.aux * f32(EXPERTS) * share / f32(pass_state.tokens);
    d_logits[base + e] = dp;
    pull += probabilities[base + e] * dp;
  }
  for (var e = EXPERTS; e < GATES; e++) {
    d_logits[base + e] = 0.0;
  }
  var chosen = 0.0;
  var mean = 0.0;
  if (CHOSEN > 1u) {
    for (var j = 0u; j < CHOSEN; j++) {
      let slot = n * CHOSEN + j;
      chosen += probabilities[base + slots[slot].expert];
      mean += slots[slot].weight * answer(n, slot);
    }
  }
  for (var j = 0u; j < CHOSEN; j++) {
    let slot = n * CHOSEN + j;
    let expert = slots[slot].expert;
    var dp = answer(n, slot);
    if (CHOSEN > 1u) {
      dp = (dp - mean) / chosen;
    }
    d_logits[base + expert] += dp;
    pull += probabilities[base + expert] * dp;
  }
  for (var e = 0u; e < EXPERTS; e++) {
    d_logits[base + e] = probabilities[base + e] * (d_logits[base + e] - pull);
  }
}
