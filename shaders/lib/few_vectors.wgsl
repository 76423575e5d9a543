// In the place of few_blocks.wgsl for formats that are not dotted block by block.
fn multiply_four(a_rows: FourRows, b_rows: FourRows, begins: vec4<u32>, steps: u32) -> Few {
  var few: Few;
  for (var step = 0u; step < steps; step++) {
    let scale_a = step_scales(a_rows, step);
    let scale_b = step_scales(b_rows, step);
    for (var i = 0u; i < STEP; i++) {
      let x = four_activations(begins, step * STEP + i);
      few.a += x * four_vectors(a_rows, step, i, scale_a);
      few.b += x * four_vectors(b_rows, step, i, scale_b);
    }
  }
  return few;
}
