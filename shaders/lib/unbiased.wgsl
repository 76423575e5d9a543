// What an expert makes of its gate and up. `row` is gate's, counted over all experts; up's is `hidden` further.
fn activate(row: u32, hidden: u32, gate: f32, up: f32) -> f32 {
  return swiglu(gate, up);
}
