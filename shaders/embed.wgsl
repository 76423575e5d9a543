// Embedding: looks up one row of the token table per token, times a factor of the model.
// tokens [T] → x [T, D], of the tokens whose rows are here
// One invocation computes one 16-byte chunk of a row.
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>; // [ROWS, D] in chunks
@group(0) @binding(1) var<storage, read> tokens: array<u32>; // [T]
@group(0) @binding(2) var<storage, read_write> x: array<vec4<f32>>; // [T, D]
@group(0) @binding(3) var<uniform> pass_state: Pass;

override COLUMNS: u32; // D
override SCALE: f32;
override FIRST: u32; // token of the first row
override ROWS: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let token = id.y;
  let chunks = COLUMNS / (4u * CHUNK_VECTORS);
  if (id.x >= chunks || token >= pass_state.tokens || pass_state.stop != 0u) {
    return;
  }
  let row = tokens[token] - FIRST; // of a token before the first: more than there are rows
  if (row >= ROWS) {
    return;
  }
  let values = load_chunk(row * chunks + id.x);
  for (var i = 0u; i < CHUNK_VECTORS; i++) {
    x[(token * chunks + id.x) * CHUNK_VECTORS + i] = SCALE * chunk_vector(values, i);
  }
}
