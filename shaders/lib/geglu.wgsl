// GeGLU: gelu(gate) · up, GELU by its tanh. Shazeer 2020, arXiv:2002.05202; Hendrycks & Gimpel 2016, arXiv:1606.08415.
fn swiglu(gate: f32, up: f32) -> f32 {
  // Beyond 10 a tanh is 1, and may be computed as ∞ / ∞.
  let inner = clamp(0.7978845608 * gate * (1.0 + 0.044715 * gate * gate), -10.0, 10.0);
  return 0.5 * gate * (1.0 + tanh(inner)) * up;
}
