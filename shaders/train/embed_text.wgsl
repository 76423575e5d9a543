// What stands for a character and for its place in the text, added.
// ids [N], embedding [V, D], position [T, D] → x [N, D]
// One invocation computes four columns of one row.
@group(0) @binding(0) var<storage, read> ids: array<u32>; // [N]
@group(0) @binding(1) var<storage, read> embedding: array<vec4<f32>>; // [V, D]
@group(0) @binding(2) var<storage, read> position: array<vec4<f32>>; // [T, D]
@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>; // [N, D]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override CONTEXT: u32; // T

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = WIDTH / 4u;
  let n = id.x / quads;
  if (n >= pass_state.tokens) {
    return;
  }
  let quad = id.x % quads;
  x[id.x] = embedding[ids[n] * quads + quad] + position[n % CONTEXT * quads + quad];
}
