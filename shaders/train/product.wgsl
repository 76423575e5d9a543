// y = x · w of each row's expert, or x · wᵀ.
// x [rows, INNER] → y [slots, COLUMNS], rows by slot number
// One invocation computes eight rows by four columns.
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>; // [slots, COLUMNS]
@group(0) @binding(6) var<uniform> pass_state: Pass;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = COLUMNS / 4u;
  let quad = id.x % quads;
  let block = block_of(id.x / quads);
  if (!block.live) {
    return;
  }
  let sums = multiply(block, quad);
  let low = block.low * quads + quad;
  let high = block.high * quads + quad;
  y[low.x] = sums.low[0];
  y[low.y] = sums.low[1];
  y[low.z] = sums.low[2];
  y[low.w] = sums.low[3];
  y[high.x] = sums.high[0];
  y[high.y] = sums.high[1];
  y[high.z] = sums.high[2];
  y[high.w] = sums.high[3];
}
