// Logits held within a bound: cap · tanh(y / cap) (Gemma 2, arXiv:2408.00118).
// y [T, N], or [N] → y
// One invocation computes one value of one token.
@group(0) @binding(0) var<storage, read_write> y: array<f32>; // [T, N]
@group(0) @binding(1) var<uniform> pass_state: Pass;

override WIDTH: u32; // N
override CAP: f32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < WIDTH && id.y < pass_state.tokens && pass_state.stop == 0u) {
    let at = id.y * WIDTH + id.x;
    // Beyond 10 a tanh is 1, and may be computed as ∞ / ∞.
    y[at] = CAP * tanh(clamp(y[at] / CAP, -10.0, 10.0));
  }
}
