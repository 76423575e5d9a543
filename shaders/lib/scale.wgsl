// Scales of quantised blocks: f16, eight to a 16-byte word, in a section of their own behind the quants.
override SCALES: u32; // where that section begins, in words of 16 bytes

fn block_scale(block: u32) -> f32 {
  return weight_f16(8u * SCALES + block);
}

// The weights' buffer taken as f16 values.
fn weight_f16(index: u32) -> f32 {
  let pair = weights[index / 8u][(index / 2u) % 4u];
  return half_value((pair >> (16u * (index % 2u))) & 0xffffu);
}

fn half_value(half: u32) -> f32 {
  // Not unpack2x16float: WGSL lets it flush subnormals to zero, and a block whose weights all lie below 0.0078 has a
  // subnormal scale in q8_0. The exponent is re-biased by 127 - 15 for a normal number.
  let magnitude = half & 0x7fffu;
  let normal = bitcast<f32>((magnitude << 13u) + 0x38000000u);
  let scale = select(f32(magnitude) * 0x1p-24f, normal, magnitude >= 0x0400u);
  return select(scale, -scale, half >= 0x8000u);
}
