// What one number of the step each needs: the gradient's norm, the loss, the loads; and loss-free balancing.
// squares [P / 4], losses [N], offsets → outcome, statistics, bias
// One workgroup does it all; sums are in a fixed order.
@group(0) @binding(0) var<storage, read> squares: array<f32>; // [P / 4]
@group(0) @binding(1) var<storage, read> losses: array<f32>; // [N]
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [plans, stride]; a router's plans begin with the second
@group(0) @binding(3) var<storage, read> state: StepState;
@group(0) @binding(4) var<storage, read_write> bias: array<f32>; // [L, stride]
@group(0) @binding(5) var<storage, read_write> outcome: array<f32>; // factor of the gradient
@group(0) @binding(6) var<storage, read_write> statistics: array<u32>; // ring of [loss, norm, loads [L, E]]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override QUADS: u32; // P / 4
override ROUTERS: u32; // layers with one
override EXPERTS: u32; // E
override STRIDE: u32; // words of a plan
override RING: u32; // steps that are kept

const SIZE = 64u;

var<workgroup> sums: array<vec2<f32>, SIZE>;

@compute @workgroup_size(SIZE)
fn main(@builtin(local_invocation_index) local: u32) {
  var own = vec2<f32>();
  for (var i = local; i < QUADS; i += SIZE) {
    own.x += squares[i];
  }
  for (var i = local; i < pass_state.tokens; i += SIZE) {
    own.y += losses[i];
  }
  sums[local] = own;
  workgroupBarrier();
  let record = state.step % RING * (2u + ROUTERS * EXPERTS);
  if (local == 0u) {
    var total = vec2<f32>();
    for (var i = 0u; i < SIZE; i++) {
      total += sums[i];
    }
    let norm = sqrt(total.x);
    outcome[0] = select(1.0, min(1.0, state.clip / (norm + 1e-6)), state.clip > 0.0);
    statistics[record] = bitcast<u32>(total.y);
    statistics[record + 1u] = bitcast<u32>(norm);
  }
  for (var cell = local; cell < ROUTERS * EXPERTS; cell += SIZE) {
    let expert = cell % EXPERTS;
    let plan = (1u + cell / EXPERTS) * STRIDE;
    let load = offsets[plan + expert + 1u] - offsets[plan + expert];
    statistics[record + 2u + cell] = load;
    let lack = f32(offsets[plan + EXPERTS]) - f32(load * EXPERTS);
    bias[cell / EXPERTS * STRIDE + expert] += state.bias_speed * sign(lack);
  }
}
