// y = x · w of each row's expert, or x · wᵀ.
// x [rows, INNER] → y [slots, COLUMNS], rows by slot number
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>; // [slots, COLUMNS]
@group(0) @binding(6) var<uniform> pass_state: Pass;

fn store(slot: u32, quad: u32, product: vec4<f32>) {
  y[slot * (COLUMNS / 4u) + quad] = product;
}
