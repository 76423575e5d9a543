// One invocation does a whole row, so there is nothing to add up and no barrier to wait at.
const LANES = 1u;

fn sum_lanes(value: vec4<f32>, local: u32) -> vec4<f32> {
  return value;
}

fn max_lanes(value: f32, local: u32) -> f32 {
  return value;
}
