// ReGLU: relu(gate) · up. Shazeer 2020, arXiv:2002.05202.
fn swiglu(gate: f32, up: f32) -> f32 {
  return max(gate, 0.0) * up;
}
