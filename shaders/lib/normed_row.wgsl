// The input row of a matrix × vector kernel, RMS-normed on the way if NORM. The kernel binds x and norm_weight.
override NORM: bool;
override EPSILON: f32;

// The norm's weight is applied here; its factor is the same for all columns and waits until the sum is done.
fn activation(row: u32, i: u32) -> vec4<f32> {
  let value = x[row * (COLUMNS / 4u) + i];
  if (NORM) {
    return value * norm_weight[i];
  }
  return value;
}

// One of the four values of activation(row, i).
fn activation_value(row: u32, i: u32, part: u32) -> f32 {
  let value = x[row * (COLUMNS / 4u) + i][part];
  if (NORM) {
    return value * norm_weight[i][part];
  }
  return value;
}

// This invocation's share of Σ x².
fn sum_squares(row: u32, local: u32) -> f32 {
  let readers = LANES * READERS;
  var squares = 0.0;
  for (var i = local % readers; i < COLUMNS / 4u; i += readers) {
    let value = x[row * (COLUMNS / 4u) + i];
    squares += dot(value, value);
  }
  return squares;
}

// 1 / rms(x), or 1 without a norm. Every group of lanes finds it again: cheaper than a dispatch of its own.
fn norm_factor(row: u32, local: u32) -> f32 {
  if (!NORM) {
    return 1.0;
  }
  let squares = sum_readers(sum_lanes(vec4(sum_squares(row, local)), local).x);
  return inverseSqrt(squares / f32(COLUMNS) + EPSILON);
}
