// Four rows of quantised weights at once. A block's scale, and what its quants are offset by, wait for the sum of the
// block: Σ scale · (quant − offset) · x = scale · (Σ quant·x − offset · Σ x). For kernels without barriers.
override GROUP: u32; // invocations of a workgroup
override COLUMNS: u32; // K

// This lane's share of (row · activation row) for four rows of `weights`; the kernel defines activation(row, vector).
fn dot_rows(four: vec4<u32>, activation_row: u32, local: u32) -> vec4<f32> {
  let rows = four_rows(four, COLUMNS, 8u * SCALES);
  var sum = vec4<f32>();
  for (var block = local % LANES; block < COLUMNS / 32u; block += LANES) {
    var products = vec4<f32>();
    var values = vec4<f32>();
    for (var i = 0u; i < 4u; i++) {
      let low = shared_activation(activation_row, 8u * block + i, local);
      let high = shared_activation(activation_row, 8u * block + i + 4u, local);
      let placed_low = placed(low);
      let placed_high = placed(high);
      products.x += quants_dot(block_quants(rows.chunks.x, block, i), placed_low, placed_high);
      products.y += quants_dot(block_quants(rows.chunks.y, block, i), placed_low, placed_high);
      products.z += quants_dot(block_quants(rows.chunks.z, block, i), placed_low, placed_high);
      products.w += quants_dot(block_quants(rows.chunks.w, block, i), placed_low, placed_high);
      values += low + high;
    }
    let offset = QUANT_OFFSET * dot(values, vec4(1.0));
    sum += step_scales(rows, block) * (products - offset);
  }
  return sum;
}
