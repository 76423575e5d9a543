// Multiplies a block of rows and hands each of its products to store().
// One invocation computes eight rows by four columns.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = COLUMNS / 4u;
  let quad = id.x % quads;
  let block = block_of(id.x / quads);
  if (!block.live) {
    return;
  }
  let sums = multiply(block, quad);
  store(block.low.x, quad, sums.low[0]);
  store(block.low.y, quad, sums.low[1]);
  store(block.low.z, quad, sums.low[2]);
  store(block.low.w, quad, sums.low[3]);
  store(block.high.x, quad, sums.high[0]);
  store(block.high.y, quad, sums.high[1]);
  store(block.high.z, quad, sums.high[2]);
  store(block.high.w, quad, sums.high[3]);
}
