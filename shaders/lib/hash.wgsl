// 32 bits in, 32 well mixed bits out: lowbias32 by Chris Wellons, as in src/reference/hash.ts.
fn hash(bits: u32) -> u32 {
  var x = bits;
  x = (x ^ (x >> 16u)) * 0x21f0aaadu;
  x = (x ^ (x >> 15u)) * 0x735a2d97u;
  return x ^ (x >> 15u);
}
