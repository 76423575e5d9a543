// Gradients of the two tables: of the characters in parts of CHUNK rows, of the places as a whole; each summed in order.
// ids [N], dx [N, D] → characters [chunks, V padded, D], places [T padded, D]
// One invocation computes four columns of one row of a table.
@group(0) @binding(0) var<storage, read> ids: array<u32>; // [N]
@group(0) @binding(1) var<storage, read> dx: array<vec4<f32>>; // [N, D]
@group(0) @binding(2) var<storage, read_write> characters: array<vec4<f32>>; // [chunks, V padded, D]
@group(0) @binding(3) var<storage, read_write> places: array<vec4<f32>>; // [T padded, D]
@group(0) @binding(4) var<uniform> pass_state: Pass;

override WIDTH: u32; // D
override VOCABULARY: u32; // V, padded
override CONTEXT: u32; // T
override PLACES: u32; // T, padded
override CHUNK: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = WIDTH / 4u;
  let quad = id.x % quads;
  let row = id.x / quads;
  let chunks = (pass_state.tokens + CHUNK - 1u) / CHUNK;
  var sum = vec4<f32>();
  if (row < chunks * VOCABULARY) {
    let first = row / VOCABULARY * CHUNK;
    let end = min(first + CHUNK, pass_state.tokens);
    for (var n = first; n < end; n++) {
      if (ids[n] == row % VOCABULARY) {
        sum += dx[n * quads + quad];
      }
    }
    characters[id.x] = sum;
    return;
  }
  let place = row - chunks * VOCABULARY;
  if (place >= PLACES) {
    return;
  }
  if (place < CONTEXT) {
    for (var n = place; n < pass_state.tokens; n += CONTEXT) {
      sum += dx[n * quads + quad];
    }
  }
  places[place * quads + quad] = sum;
}
