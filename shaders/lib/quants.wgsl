// Two vectors of a block's quants times two of activations. A block's scale, and what its quants are offset by, wait for the
// sum of the block: Σ scale · (quant − offset) · x = scale · (Σ quant·x − offset · Σ x).
struct Quants {
  low: vec4<f32>,
  high: vec4<f32>,
}

fn quants_dot(quants: Quants, low: vec4<f32>, high: vec4<f32>) -> f32 {
  return dot(quants.low, low) + dot(quants.high, high);
}
