// LANES neighbouring invocations of one subgroup share a row and show each other what they have found: no barrier, no
// workgroup memory. Right for every subgroup of at least LANES. Both partners of a pair add the same two numbers, so all
// lanes end with the same bits, every run.
override LANES: u32; // power of 2, at most the adapter's smallest subgroup

// Sum over the lanes of this invocation's group, given to all of them. Every invocation of the subgroup must call it.
fn sum_lanes(value: vec4<f32>, local: u32) -> vec4<f32> {
  var sum = value;
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    sum += subgroupShuffleXor(sum, stride);
  }
  return sum;
}

// Maximum over the lanes of this invocation's group, given to all of them.
fn max_lanes(value: f32, local: u32) -> f32 {
  var highest = value;
  for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
    highest = max(highest, subgroupShuffleXor(highest, stride));
  }
  return highest;
}
