// gpt-oss's SwiGLU: both halves are clamped, the gate's sigmoid is steeper, and up is moved by one. arXiv:2508.10925.
fn swiglu(gate: f32, up: f32) -> f32 {
  let g = min(gate, 7.0);
  // As in swiglu.wgsl: below -80 nothing is left, and exp would overflow.
  return g / (1.0 + exp(-max(1.702 * g, -80.0))) * (clamp(up, -7.0, 7.0) + 1.0);
}
