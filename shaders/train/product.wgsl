// y = x · w of each row's expert, or x · wᵀ, and something added to it.
// x [rows, INNER] → y [slots, COLUMNS], rows by slot number
@group(0) @binding(5) var<storage, read> residual: array<vec4<f32>>; // [slots, COLUMNS], if RESIDUAL
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>; // [slots, COLUMNS]
@group(0) @binding(7) var<uniform> pass_state: Pass;

override RESIDUAL: bool = false;

fn store(slot: u32, quad: u32, product: vec4<f32>) {
  let at = slot * (COLUMNS / 4u) + quad;
  var value = product;
  if (RESIDUAL) {
    value += residual[at];
  }
  y[at] = value;
}
