// The pixels of a step: which ones, what describes their places, and their colours.
// axes [W, A], [H, A], picture [P] → features [N, F], place [N, R], target [N, 4] from -1 to 1
// One invocation describes one pixel.
@group(0) @binding(0) var<storage, read> axis_x: array<f32>; // [W, A]: coordinate, then sin and cos of each octave
@group(0) @binding(1) var<storage, read> axis_y: array<f32>; // [H, A]
@group(0) @binding(2) var<storage, read> picture: array<u32>; // [P], RGBA from the lowest byte on
@group(0) @binding(3) var<storage, read> state: StepState;
@group(0) @binding(4) var<storage, read_write> features: array<f32>; // [N, F]; padding stays 0
@group(0) @binding(5) var<storage, read_write> place: array<f32>; // [N, R]; padding stays 0
@group(0) @binding(6) var<storage, read_write> targets: array<vec4<f32>>; // [N]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override AXIS: u32; // A
override LOW: u32; // the first ones of an axis, which the router reads
override FEATURES: u32; // F
override PLACE: u32; // R

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= pass_state.tokens) {
    return;
  }
  var pixel = min(state.first + n, state.pixels - 1u);
  if (state.random == 1u) {
    pixel = hash(hash(state.seed ^ (state.step * 0x9e3779b9u)) ^ n) % state.pixels;
  }
  let x = pixel % state.width * AXIS;
  let y = pixel / state.width * AXIS;
  for (var i = 0u; i < AXIS; i++) {
    features[n * FEATURES + i] = axis_x[x + i];
    features[n * FEATURES + AXIS + i] = axis_y[y + i];
  }
  for (var i = 0u; i < LOW; i++) {
    place[n * PLACE + i] = axis_x[x + i];
    place[n * PLACE + LOW + i] = axis_y[y + i];
  }
  targets[n] = vec4(unpack4x8unorm(picture[pixel]).xyz * 2.0 - 1.0, 0.0);
}
