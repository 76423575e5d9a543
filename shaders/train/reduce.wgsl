// Adds up the parts of every tensor's gradient, in order, so that the same seed gives the same bits.
// parts → gradient [P], squares [P / 4]
// One invocation computes four neighbours of one parameter row.
@group(0) @binding(0) var<storage, read> tensors: array<TensorParts>;
@group(0) @binding(1) var<storage, read> parts: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>; // [plans, stride]
@group(0) @binding(3) var<storage, read_write> gradient: array<vec4<f32>>; // [P]
@group(0) @binding(4) var<storage, read_write> squares: array<f32>; // [P / 4]
@group(0) @binding(5) var<uniform> pass_state: Pass;

override TENSORS: u32;
override QUADS: u32; // P / 4

struct TensorParts {
  first: u32, // quad among the parameters
  size: u32, // quads of one expert's matrix
  experts: u32,
  parts: u32, // first quad among the parts
  plan: u32, // first word among the offsets
  chunk: u32, // rows of a part
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quad = id.x;
  if (quad >= QUADS) {
    return;
  }
  var which = 0u;
  for (var t = 1u; t < TENSORS; t++) {
    which = select(which, t, tensors[t].first <= quad);
  }
  let tensor = tensors[which];
  let expert = (quad - tensor.first) / tensor.size;
  let element = (quad - tensor.first) % tensor.size;
  var sum = vec4<f32>();
  if (expert < tensor.experts) { // otherwise it is padding
    var before = 0u;
    for (var e = 0u; e < expert; e++) {
      before += (offsets[tensor.plan + e + 1u] - offsets[tensor.plan + e] + tensor.chunk - 1u) / tensor.chunk;
    }
    let load = offsets[tensor.plan + expert + 1u] - offsets[tensor.plan + expert];
    let end = before + (load + tensor.chunk - 1u) / tensor.chunk;
    for (var part = before; part < end; part++) {
      sum += parts[tensor.parts + part * tensor.size + element];
    }
  }
  gradient[quad] = sum;
  squares[quad] = dot(sum, sum);
}
