// How large the outputs of one token's experts are, just before they are added to the residual stream.
// y [S, D], slots [S], x [D] → norms [S + 2]: ‖y_j‖ of every slot (0 where unused), ‖Σ w_j·y_j‖, ‖x‖
// One workgroup computes all of them, one after another.
@group(0) @binding(0) var<storage, read> y: array<vec4<f32>>; // [S, D]
@group(0) @binding(1) var<storage, read> slots: array<Slot>; // [S]
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>; // [D], the residual stream
@group(0) @binding(3) var<storage, read_write> norms: array<f32>; // [S + 2]

override WIDTH: u32; // D
override SLOTS: u32; // S

const GROUP = 64u;

var<workgroup> squares: array<f32, GROUP>;

// Vector i of the row whose norm is asked for: a slot's output, then the weighted sum, then the residual.
fn row_value(row: u32, i: u32) -> vec4<f32> {
  let vectors = WIDTH / 4u;
  if (row == SLOTS + 1u) {
    return x[i];
  }
  var sum = vec4<f32>();
  for (var slot = 0u; slot < SLOTS; slot++) {
    if (slots[slot].expert == NO_EXPERT) {
      break;
    }
    if (row == SLOTS) {
      sum += slots[slot].weight * y[slot * vectors + i];
    } else if (row == slot) {
      sum = y[slot * vectors + i];
    }
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
  for (var row = 0u; row < SLOTS + 2u; row++) {
    var sum = 0.0;
    for (var i = local; i < WIDTH / 4u; i += GROUP) {
      let value = row_value(row, i);
      sum += dot(value, value);
    }
    squares[local] = sum;
    workgroupBarrier();
    if (local == 0u) {
      var total = 0.0;
      for (var i = 0u; i < GROUP; i++) {
        total += squares[i];
      }
      norms[row] = sqrt(total);
    }
    workgroupBarrier();
  }
}
