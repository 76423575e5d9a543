// Cross-entropy of one token: -ln softmax(logits)[target], in nats.
// logits [T, V], targets [T] → loss [T]
// LANES invocations compute one token.
@group(0) @binding(0) var<storage, read> logits: array<f32>; // [T, V]
@group(0) @binding(1) var<storage, read> targets: array<u32>; // [T]
@group(0) @binding(2) var<storage, read_write> loss: array<f32>; // [T]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override VOCABULARY: u32; // V

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (pass_state.stop != 0u) {
    return;
  }
  let token = id.x / LANES;
  let lane = local % LANES;
  let row = min(token, pass_state.tokens - 1u) * VOCABULARY; // no early return: all lanes meet in sum_lanes

  var highest = logits[row + lane % VOCABULARY];
  for (var i = lane; i < VOCABULARY; i += LANES) {
    highest = max(highest, logits[row + i]);
  }
  // Each lane has summed relative to its own maximum; the sums are brought to that of the row once it is known.
  var sum = 0.0;
  for (var i = lane; i < VOCABULARY; i += LANES) {
    sum += exp(logits[row + i] - highest);
  }
  let row_highest = max_lanes(highest, local);
  let total = sum_lanes(vec4(sum * exp(highest - row_highest)), local).x;

  if (lane == 0u && token < pass_state.tokens) {
    loss[token] = log(total) + row_highest - logits[row + targets[token]];
  }
}
