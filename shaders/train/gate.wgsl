// The router's choice: softmax over the logits, then the k highest. A tie goes to the lower index.
// scores [N, E padded]: logits in, probabilities out → slots [N·k]
// One invocation chooses for one pixel.
@group(0) @binding(0) var<storage, read> bias: array<f32>; // [E], for ranking alone
@group(0) @binding(1) var<storage, read> off: array<f32>; // [E], 1: not to be chosen
@group(0) @binding(2) var<storage, read_write> scores: array<f32>; // [N, E padded]
@group(0) @binding(3) var<storage, read_write> slots: array<Slot>; // [N·k]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override EXPERTS: u32; // E
override GATES: u32; // E, padded
override CHOSEN: u32; // k

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= pass_state.tokens) {
    return;
  }
  let base = n * GATES;
  var most = scores[base];
  for (var e = 1u; e < EXPERTS; e++) {
    most = max(most, scores[base + e]);
  }
  var total = 0.0;
  for (var e = 0u; e < EXPERTS; e++) {
    let numerator = exp(scores[base + e] - most);
    scores[base + e] = numerator;
    total += numerator;
  }
  for (var e = 0u; e < EXPERTS; e++) {
    scores[base + e] /= total;
  }
  for (var e = EXPERTS; e < GATES; e++) {
    scores[base + e] = 0.0;
  }
  // The best is looked for among those that come after the last one taken.
  var last_key = 3.0e38;
  var last = 0u;
  var sum = 0.0;
  for (var j = 0u; j < CHOSEN; j++) {
    var best_key = -3.0e38;
    var best = 0u;
    for (var e = 0u; e < EXPERTS; e++) {
      let key = select(scores[base + e] + bias[e], -1e9, off[e] > 0.0);
      let after = key < last_key || (key == last_key && e > last);
      if (after && key > best_key) {
        best_key = key;
        best = e;
      }
    }
    last_key = best_key;
    last = best;
    let weight = scores[base + best];
    slots[n * CHOSEN + j] = Slot(best, weight);
    sum += weight;
  }
  if (CHOSEN > 1u) {
    for (var j = 0u; j < CHOSEN; j++) {
      slots[n * CHOSEN + j].weight /= sum;
    }
  }
}
