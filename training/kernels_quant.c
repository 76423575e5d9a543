// Rounding to GGUF's blocks and back. Compiled without fast-math and without fused multiply-add, so that the
// values are those of ggml's reference quantiser to the last bit.
#include <immintrin.h>
#include <math.h>

void fake_q8_0(long n, const float *x, float *y) {
  for (long b = 0; b < n; b += 32) {
    float max = 0;
    for (int i = 0; i < 32; i++) { float a = fabsf(x[b + i]); max = a > max ? a : max; }
    float d = max / 127, id = d ? 1 / d : 0, h = _cvtsh_ss(_cvtss_sh(d, 0));
    for (int i = 0; i < 32; i++) { float q = x[b + i] * id; y[b + i] = h * (int)(q + (q < 0 ? -0.5f : 0.5f)); }
  }
}
void fake_q4_0(long n, const float *x, float *y) {
  for (long b = 0; b < n; b += 32) {
    float amax = 0, max = 0;
    for (int i = 0; i < 32; i++) if (fabsf(x[b + i]) > amax) { amax = fabsf(x[b + i]); max = x[b + i]; }
    float d = max / -8, id = d ? 1 / d : 0, h = _cvtsh_ss(_cvtss_sh(d, 0));
    for (int i = 0; i < 32; i++) { int q = (int)(x[b + i] * id + 8.5f); y[b + i] = h * ((q > 15 ? 15 : q) - 8); }
  }
}
