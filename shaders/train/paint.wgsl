// Writes what was computed for a row of pixels into the picture, and which expert each layer sent them to.
// colours [N, 4], slots → picture [P], territories [P]
// One invocation writes one pixel.
@group(0) @binding(0) var<storage, read> colours: array<vec4<f32>>; // [N], from -1 to 1
@group(0) @binding(1) var<storage, read> slots: array<Slot>; // [L, stride]
@group(0) @binding(2) var<storage, read> state: StepState;
@group(0) @binding(3) var<storage, read_write> picture: array<u32>; // [P]
@group(0) @binding(4) var<storage, read_write> territories: array<u32>; // [P], a byte for each layer, the first lowest
@group(0) @binding(5) var<uniform> pass_state: Pass;

override ROUTERS: u32; // layers with one, at most 4
override STRIDE: u32; // slots of a layer
override CHOSEN: u32; // k

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pixel = state.first + id.x;
  if (id.x >= pass_state.tokens || pixel >= state.pixels) {
    return;
  }
  picture[pixel] = pack4x8unorm(vec4(clamp(colours[id.x].xyz * 0.5 + 0.5, vec3(0.0), vec3(1.0)), 1.0));
  var chosen = 0u;
  for (var layer = 0u; layer < ROUTERS; layer++) {
    chosen |= slots[layer * STRIDE + id.x * CHOSEN].expert << (8u * layer);
  }
  territories[pixel] = chosen;
}
