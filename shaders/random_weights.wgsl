// Random weights, made where they are needed: a published layer has more of them than a browser likes to copy.
// → weights in chunks: random quants up to SCALES, from there on random halves, of either sign and one order of magnitude
// One invocation fills one 16-byte chunk.
@group(0) @binding(0) var<storage, read_write> weights: array<vec4<u32>>;
@group(0) @binding(1) var<uniform> pass_state: Pass;

override SEED: u32;
override SCALES: u32; // chunks of quants; 0 for f16 weights
override EXPONENT: u32; // of every half, biased by 15

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let chunk = id.y * groups.x * 64u + id.x;
  if (chunk >= arrayLength(&weights)) {
    return;
  }
  var words = vec4<u32>();
  for (var i = 0u; i < 4u; i++) {
    words[i] = hash(hash(chunk ^ SEED) + i);
  }
  if (chunk >= SCALES) {
    words = (words & vec4(0x83ff83ffu)) | vec4(EXPONENT * 0x04000400u);
  }
  weights[chunk] = words;
}
