// Activations read by every invocation for itself.
const READERS = 1u; // neighbours that read a row together, beside the lanes

// Vector i of a row for dot_rows(); the kernel defines activation(row, vector).
fn shared_activation(row: u32, i: u32, local: u32) -> vec4<f32> {
  return activation(row, i);
}

fn sum_readers(value: f32) -> f32 {
  return value;
}
