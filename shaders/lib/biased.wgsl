// What an expert whose matrices have biases makes of its gate and up (gpt-oss). `row` is gate's, counted over all experts; up's
// is `hidden` further. The kernel binds biases.
fn activate(row: u32, hidden: u32, gate: f32, up: f32) -> f32 {
  return swiglu(gate + biases[row], up + biases[row + hidden]);
}
