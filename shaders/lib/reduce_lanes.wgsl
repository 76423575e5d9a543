// LANES neighbouring invocations share a row and add up what each has found. A tree of fixed shape: the same bits every run.
override LANES: u32; // power of 2, ≤ 64
var<workgroup> partial: array<vec4<f32>, 64>;

// Sum over the lanes of this invocation's group, given to all of them. Every invocation of the workgroup must call it.
fn sum_lanes(value: vec4<f32>, local: u32) -> vec4<f32> {
  workgroupBarrier(); // an earlier sum has been read by all
  partial[local] = value;
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (local % LANES < stride) {
      partial[local] += partial[local + stride];
    }
  }
  workgroupBarrier();
  return partial[local - local % LANES];
}

// Maximum over the lanes of this invocation's group, given to all of them.
fn max_lanes(value: f32, local: u32) -> f32 {
  workgroupBarrier();
  partial[local].x = value;
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (local % LANES < stride) {
      partial[local].x = max(partial[local].x, partial[local + stride].x);
    }
  }
  workgroupBarrier();
  return partial[local - local % LANES].x;
}
