// SwiGLU: silu(gate) · up. Shazeer 2020, arXiv:2002.05202.
fn swiglu(gate: f32, up: f32) -> f32 {
  return gate / (1.0 + exp(-gate)) * up;
}
