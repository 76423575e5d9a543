// SwiGLU: silu(gate) · up. Shazeer 2020, arXiv:2002.05202.
fn swiglu(gate: f32, up: f32) -> f32 {
  // Below -80 silu is 0 to f32's last bit, and exp would overflow, which WGSL leaves open.
  return gate / (1.0 + exp(-max(gate, -80.0))) * up;
}
