// A short causal convolution of every channel, gated before and behind: what some layers have in place of attention (LFM2).
// proj [T, 3D] = B | C | X, taps [D, TAPS], history [ring, D] → y [T, D]: C ⊙ Σ_i taps_i · (B ⊙ X) of earlier tokens
// One invocation computes one channel of one token.
@group(0) @binding(0) var<storage, read> proj: array<f32>; // [T, 3D]
@group(0) @binding(1) var<storage, read> taps: array<f32>; // [D, TAPS]; the last is the token itself
@group(0) @binding(2) var<storage, read_write> history: array<f32>; // [ring, D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [T, D]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override TAPS: u32;
override CONTEXT: u32;
override RING: u32; // rows of the history; position p's is number p % RING

// B ⊙ X of a token of this pass.
fn gated(token: u32, channel: u32) -> f32 {
  let row = token * 3u * WIDTH + channel;
  return proj[row] * proj[row + 2u * WIDTH];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let channel = id.x;
  let token = id.y;
  let position = pass_state.position + token;
  if (pass_state.stop != 0u || channel >= WIDTH || token >= pass_state.tokens || position >= CONTEXT) {
    return;
  }
  var sum = 0.0;
  for (var tap = 0u; tap < TAPS; tap++) {
    let back = TAPS - 1u - tap;
    if (back > position) {
      continue;
    }
    // Tokens of this pass are taken from what it has projected: their history is only being written.
    var value = 0.0;
    if (back <= token) {
      value = gated(token - back, channel);
    } else {
      value = history[(position - back) % RING * WIDTH + channel];
    }
    sum += taps[channel * TAPS + tap] * value;
  }
  history[position % RING * WIDTH + channel] = gated(token, channel);
  y[token * WIDTH + channel] = proj[token * 3u * WIDTH + WIDTH + channel] * sum;
}
