// The sizes of a matrix × matrix kernel. A uniform, not overrides: matrices of any shape then share one pipeline.
struct Sizes {
  columns: u32, // K
  rows: u32, // of one expert's weights
  scales: u32, // where the scales of quantised weights begin, in f16 values
  chosen: u32, // slots of a token
  factor: f32, // of the product
  accumulate: u32, // 1 where the product is added to what is there
  stride: u32, // values of a row of y, of which the product is those from `offset` on
  offset: u32,
}
