// Products of up to four activation rows with four weight rows of each set: what a tile of a seldom chosen expert has. What
// a block's scale and offset have to do with it waits for the sum of the block, as in dot_blocks.wgsl.
fn multiply_four(a_rows: FourRows, b_rows: FourRows, begins: vec4<u32>, steps: u32) -> Few {
  var few: Few;
  for (var step = 0u; step < steps; step++) {
    var a = mat4x4<f32>();
    var b = mat4x4<f32>();
    var values = vec4<f32>();
    for (var i = 0u; i < 4u; i++) {
      let low = four_activations(begins, 8u * step + i);
      let high = four_activations(begins, 8u * step + i + 4u);
      values += low[0] + low[1] + low[2] + low[3] + high[0] + high[1] + high[2] + high[3];
      let placed_low = placed_four(low);
      let placed_high = placed_four(high);
      a += four_dots(a_rows, step, i, placed_low, placed_high);
      b += four_dots(b_rows, step, i, placed_low, placed_high);
    }
    let offset = QUANT_OFFSET * values;
    few.a += scaled(step_scales(a_rows, step), a, offset);
    few.b += scaled(step_scales(b_rows, step), b, offset);
  }
  return few;
}

fn four_dots(rows: FourRows, block: u32, i: u32, low: mat4x4<f32>, high: mat4x4<f32>) -> mat4x4<f32> {
  let x = block_quants(rows.chunks.x, block, i);
  let y = block_quants(rows.chunks.y, block, i);
  let z = block_quants(rows.chunks.z, block, i);
  let w = block_quants(rows.chunks.w, block, i);
  return mat4x4(
    low * x.low + high * x.high,
    low * y.low + high * y.high,
    low * z.low + high * z.high,
    low * w.low + high * w.high,
  );
}

fn scaled(scales: vec4<f32>, dots: mat4x4<f32>, offset: vec4<f32>) -> mat4x4<f32> {
  return mat4x4(
    scales.x * (dots[0] - offset),
    scales.y * (dots[1] - offset),
    scales.z * (dots[2] - offset),
    scales.w * (dots[3] - offset),
  );
}
