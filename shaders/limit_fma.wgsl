// A limit of the machine: how fast it multiplies and adds in f32.
// factors {multiplier, increment} → results [workgroups · 256]
// An invocation runs eight independent chains of four through STEPS steps: 64 · STEPS FLOPs, all in registers.
@group(0) @binding(0) var<storage, read> factors: array<vec4<f32>>; // two of them
@group(0) @binding(1) var<storage, read_write> results: array<f32>;
@group(0) @binding(2) var<uniform> pass_state: Pass;

override STEPS: u32;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  // Whole numbers: no rounding, so that the results can be checked to the bit. That m is 1 is known to the host alone.
  let m = factors[0];
  let n = factors[1] * f32(id.x % 8u * pass_state.tokens);
  var a = vec4<f32>(0);
  var b = vec4<f32>(1);
  var c = vec4<f32>(2);
  var d = vec4<f32>(3);
  var e = vec4<f32>(4);
  var f = vec4<f32>(5);
  var g = vec4<f32>(6);
  var h = vec4<f32>(7);
  for (var step = 0u; step < STEPS; step++) {
    a = fma(a, m, n);
    b = fma(b, m, n);
    c = fma(c, m, n);
    d = fma(d, m, n);
    e = fma(e, m, n);
    f = fma(f, m, n);
    g = fma(g, m, n);
    h = fma(h, m, n);
  }
  results[id.x] = dot(a + b + c + d + (e + f + g + h), vec4<f32>(1));
}
