// Mean cross-entropy in nats, and its gradient in place of the logits.
// logits [N, V padded], targets [N] → logits: (softmax - one-hot) / N; losses [N]
// One invocation computes one row.
@group(0) @binding(0) var<storage, read> targets: array<u32>; // [N]
@group(0) @binding(1) var<storage, read_write> logits: array<f32>; // [N, V padded]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>; // [N]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override CHARACTERS: u32; // V
override VOCABULARY: u32; // V, padded

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= pass_state.tokens) {
    return;
  }
  let base = n * VOCABULARY;
  var most = logits[base];
  for (var v = 1u; v < CHARACTERS; v++) {
    most = max(most, logits[base + v]);
  }
  var total = 0.0;
  for (var v = 0u; v < CHARACTERS; v++) {
    total += exp(logits[base + v] - most);
  }
  let goal = base + targets[n];
  let rows = f32(pass_state.tokens);
  losses[n] = (most + log(total) - logits[goal]) / rows;
  for (var v = 0u; v < VOCABULARY; v++) {
    let share = select(0.0, exp(logits[base + v] - most) / total, v < CHARACTERS);
    logits[base + v] = (share - select(0.0, 1.0, base + v == goal)) / rows;
  }
}
