// AdamW, and the average of the weights that is shown. Loshchilov & Hutter 2017, arXiv:1711.05101.
// gradient [P] → weights, first, second, average [P]
// One invocation moves four weights.
@group(0) @binding(0) var<storage, read> gradient: array<vec4<f32>>; // [P]
@group(0) @binding(1) var<storage, read> outcome: array<f32>; // factor of the gradient
@group(0) @binding(2) var<storage, read> state: StepState;
@group(0) @binding(3) var<storage, read_write> weights: array<vec4<f32>>; // [P]
@group(0) @binding(4) var<storage, read_write> first: array<vec4<f32>>; // [P]
@group(0) @binding(5) var<storage, read_write> second: array<vec4<f32>>; // [P]
@group(0) @binding(6) var<storage, read_write> average: array<vec4<f32>>; // [P]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override QUADS: u32; // P / 4
override BETA1: f32;
override BETA2: f32;
override DECAY: f32; // of the weights from quad DECAYS_FROM on
override DECAYS_FROM: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i >= QUADS) {
    return;
  }
  let g = gradient[i] * outcome[0];
  let m = BETA1 * first[i] + (1.0 - BETA1) * g;
  let v = BETA2 * second[i] + (1.0 - BETA2) * g * g;
  first[i] = m;
  second[i] = v;
  let kept = weights[i] * (1.0 - select(0.0, state.rate * DECAY, i >= DECAYS_FROM));
  let moved = kept - state.rate * (m / state.correction1) / (sqrt(v / state.correction2) + 1e-8);
  weights[i] = moved;
  average[i] = state.keep * average[i] + (1.0 - state.keep) * moved;
}
