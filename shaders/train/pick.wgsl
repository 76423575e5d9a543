// The next character of each text: the likeliest, or drawn by lot.
// logits [texts · T, V padded] → written [texts, CAPACITY], one character longer
// One invocation goes on with one text.
@group(0) @binding(0) var<storage, read> logits: array<f32>; // [texts · T, V padded]
@group(0) @binding(1) var<storage, read> state: StepState;
@group(0) @binding(2) var<storage, read_write> written: array<u32>; // [texts, CAPACITY]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override CHARACTERS: u32; // V
override VOCABULARY: u32; // V, padded
override CONTEXT: u32; // T
override CAPACITY: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= pass_state.tokens / CONTEXT) {
    return;
  }
  let length = state.first;
  let base = (id.x * CONTEXT + min(length, CONTEXT) - 1u) * VOCABULARY;
  var best = 0u;
  for (var v = 1u; v < CHARACTERS; v++) {
    best = select(best, v, logits[base + v] > logits[base + best]);
  }
  var chosen = best;
  if (state.temperature > 0.0) {
    let most = logits[base + best];
    var total = 0.0;
    for (var v = 0u; v < CHARACTERS; v++) {
      total += exp((logits[base + v] - most) / state.temperature);
    }
    let bits = hash(hash(state.seed ^ (length * 0x9e3779b9u)) ^ id.x);
    let goal = f32(bits >> 8u) / 16777216.0 * total;
    var sum = 0.0;
    chosen = CHARACTERS - 1u;
    for (var v = 0u; v < CHARACTERS; v++) {
      sum += exp((logits[base + v] - most) / state.temperature);
      if (sum > goal) {
        chosen = v;
        break;
      }
    }
  }
  written[id.x * CAPACITY + length] = chosen;
}
