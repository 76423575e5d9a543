// Activations read by four neighbours together, a row of weights to each: one reads one value and shows it to the others.
// All invocations of the workgroup read the same row. Quads are four invocations in a row at any subgroup size.
const READERS = 4u;

// Vector i of a row for dot_rows(); the kernel defines activation_value(row, vector, part of it).
fn shared_activation(row: u32, i: u32, local: u32) -> vec4<f32> {
  let value = activation_value(row, i, local % READERS);
  return vec4(quadBroadcast(value, 0u), quadBroadcast(value, 1u), quadBroadcast(value, 2u), quadBroadcast(value, 3u));
}

fn sum_readers(value: f32) -> f32 {
  let pair = value + quadSwapX(value);
  return pair + quadSwapY(pair);
}
