// What happens to weights between steps: AdamW and Muon's orthogonalisation.
#include <math.h>
#include <string.h>

enum { ROW = 101, NO = 111, UPPER = 121 };
void cblas_sgemm(int, int, int, int m, int n, int k, float, const float *, int, const float *, int, float, float *, int);
void cblas_ssyrk(int, int, int, int n, int k, float, const float *, int, float, float *, int);

static void mirror(int n, float *s) {  // upper triangle to the lower, in 16x16 blocks (n a multiple of 16)
  for (int b = 0; b < n; b += 16) for (int c = b; c < n; c += 16)
    for (int i = b; i < b + 16; i++) for (int j = c > i ? c : i + 1; j < c + 16; j++) s[j * n + i] = s[i * n + j];
}
// Newton-Schulz for `count` matrices x [r, k], r <= k, in place: x <- a x + (b S + c S S) x with S = x x^T.
void newton_schulz(int count, int r, int k, int steps, float a, float b, float c, float *x, float *s, float *t, float *y) {
  for (int q = 0; q < count; q++, x += (long)r * k) for (int i = 0; i < steps; i++) {
    cblas_ssyrk(ROW, UPPER, NO, r, k, 1, x, k, 0, s, r);
    mirror(r, s);
    memcpy(t, s, (long)r * r * 4);
    cblas_ssyrk(ROW, UPPER, NO, r, r, c, s, r, b, t, r);
    mirror(r, t);
    memcpy(y, x, (long)r * k * 4);
    cblas_sgemm(ROW, NO, NO, r, k, r, 1, t, r, x, k, a, y, k);
    memcpy(x, y, (long)r * k * 4);
  }
}
void adamw(long n, float *p, const float *g, float *m, float *v, float lr, float b1, float b2, float c1, float c2, float wd, float clip) {
  for (long i = 0; i < n; i++) {
    float d = g[i] * clip;
    m[i] = b1 * m[i] + (1 - b1) * d;
    v[i] = b2 * v[i] + (1 - b2) * d * d;
    p[i] -= lr * (m[i] * c1 / (sqrtf(v[i] * c2) + 1e-8f) + wd * p[i]);
  }
}
