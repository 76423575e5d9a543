// The experts and the language-model head of a training step: where nearly all of its arithmetic is. f32; with BF16 the products round
// what they multiply (kernels_bf16.c). Row-major. D width, E experts, H expert hidden, slot = (token, choice).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef BF16
void product_bf16(int, int, int m, int n, int k, const float *, int, const float *, int, int, float *, int);
#define PRODUCT(transA, transB, ...) product_bf16(transA, transB, __VA_ARGS__)
// Conversions and calls cost the less the longer a tile is.
enum { TILE = 1024, CHUNK = 512 };
#else
enum { ROW = 101, NO = 111, TR = 112 };
void cblas_sgemm(int, int, int, int m, int n, int k, float, const float *, int, const float *, int, float, float *, int);
#define PRODUCT(transA, transB, m, n, k, A, la, B, lb, beta, C, lc) \
  cblas_sgemm(ROW, transA ? TR : NO, transB ? TR : NO, m, n, k, 1, A, la, B, lb, beta, C, lc)
// Slots and hidden columns a pass, so that its buffers stay in the second-level cache.
enum { TILE = 256, CHUNK = 512 };
#endif

// C[m,n] = A[m,k] B[n,k]^T + beta C
static void mul_bt(int m, int n, int k, const float *A, int la, const float *B, int lb, float beta, float *C, int lc) {
  PRODUCT(0, 1, m, n, k, A, la, B, lb, beta, C, lc);
}
// C[m,n] = A[m,k] B[k,n] + beta C
static void mul(int m, int n, int k, const float *A, int la, const float *B, int lb, float beta, float *C, int lc) {
  PRODUCT(0, 0, m, n, k, A, la, B, lb, beta, C, lc);
}
// C[m,n] += A[k,m]^T B[k,n]
static void mul_at_add(int m, int n, int k, const float *A, int la, const float *B, int lb, float *C, int lc) {
  PRODUCT(1, 0, m, n, k, A, la, B, lb, 1, C, lc);
}

// Experts over their slots [off[e], off[e+1]): token tok[s] (s where NULL) with weight gate[s] (1 where NULL); hidden columns in
// chunks. gu keeps a tile's gates and ups for the way back, chunk after chunk, each [n, gates | ups].
static int chunk_of(int H, int h) { return H - h < CHUNK ? H - h : CHUNK; }

static void gather(int n, int D, int s, const int *tok, const float *x, float *out) {
  for (int r = 0; r < n; r++) memcpy(out + r * D, x + (long)(tok ? tok[s + r] : s + r) * D, D * 4);
}
static void scatter_add(int n, int D, int s, const int *tok, const float *x, float *out) {
  for (int r = 0; r < n; r++) {
    float *o = out + (long)(tok ? tok[s + r] : s + r) * D;
    for (int i = 0; i < D; i++) o[i] += x[r * D + i];
  }
}

void experts_fwd(int E, int D, int H, const int *off, const int *tok, const float *gate, const float *x,
                 const float *w13, const float *w2, float *gu, float *out) {
  float *xs = malloc((long)TILE * D * 4), *a = malloc((long)TILE * CHUNK * 4), *y = malloc((long)TILE * D * 4);
  for (int e = 0; e < E; e++, w13 += 2L * H * D, w2 += (long)D * H) for (int s = off[e]; s < off[e + 1]; s += TILE) {
    int n = off[e + 1] - s < TILE ? off[e + 1] - s : TILE;
    gather(n, D, s, tok, x, xs);
    for (int h = 0; h < H; h += CHUNK) {
      int c = chunk_of(H, h);
      float *kept = gu + (long)s * 2 * H + (long)n * 2 * h;
      mul_bt(n, c, D, xs, D, w13 + (long)h * D, D, 0, kept, 2 * c);
      mul_bt(n, c, D, xs, D, w13 + (long)(H + h) * D, D, 0, kept + c, 2 * c);
      for (int r = 0; r < n; r++) {
        const float *g = kept + (long)r * 2 * c, *u = g + c;
        float w = gate ? gate[s + r] : 1;
        for (int i = 0; i < c; i++) a[r * c + i] = w * u[i] * g[i] / (1 + expf(-g[i]));
      }
      mul_bt(n, D, c, a, c, w2 + h, H, h > 0, y, D);
    }
    scatter_add(n, D, s, tok, y, out);
  }
  free(xs); free(a); free(y);
}
void experts_bwd(int E, int D, int H, const int *off, const int *tok, const float *gate, const float *x,
                 const float *w13, const float *w2, const float *gu, const float *dout,
                 float *dx, float *dw13, float *dw2, float *dgate) {
  float *xs = malloc((long)TILE * D * 4), *dy = malloc((long)TILE * D * 4), *dxs = malloc((long)TILE * D * 4);
  float *a = malloc((long)TILE * CHUNK * 4), *da = malloc((long)TILE * CHUNK * 4), *dgu = malloc((long)TILE * 2 * CHUNK * 4);
  for (int e = 0; e < E; e++, w13 += 2L * H * D, w2 += (long)D * H, dw13 += 2L * H * D, dw2 += (long)D * H)
  for (int s = off[e]; s < off[e + 1]; s += TILE) {
    int n = off[e + 1] - s < TILE ? off[e + 1] - s : TILE;
    gather(n, D, s, tok, x, xs);
    gather(n, D, s, tok, dout, dy);
    if (dgate) memset(dgate + s, 0, n * 4);
    for (int h = 0; h < H; h += CHUNK) {
      int c = chunk_of(H, h);
      long gates = (long)h * D, ups = (long)(H + h) * D;
      const float *kept = gu + (long)s * 2 * H + (long)n * 2 * h;
      mul(n, c, D, dy, D, w2 + h, H, 0, da, c);
      for (int r = 0; r < n; r++) {
        const float *g = kept + (long)r * 2 * c, *u = g + c;
        float *ar = a + r * c, *dar = da + r * c, *dg = dgu + r * 2 * c, *du = dg + c;
        float w = gate ? gate[s + r] : 1, dot = 0;
        for (int i = 0; i < c; i++) {
          float sig = 1 / (1 + expf(-g[i])), silu = g[i] * sig, act = silu * u[i], d = w * dar[i];
          dot += dar[i] * act;
          ar[i] = w * act;
          du[i] = d * silu;
          dg[i] = d * u[i] * sig * (1 + g[i] * (1 - sig));
        }
        if (dgate) dgate[s + r] += dot;
      }
      mul_at_add(D, c, n, dy, D, a, c, dw2 + h, H);
      mul_at_add(c, D, n, dgu, 2 * c, xs, D, dw13 + gates, D);
      mul_at_add(c, D, n, dgu + c, 2 * c, xs, D, dw13 + ups, D);
      mul(n, D, c, dgu, 2 * c, w13 + gates, D, h > 0, dxs, D);
      mul(n, D, c, dgu + c, 2 * c, w13 + ups, D, 1, dxs, D);
    }
    scatter_add(n, D, s, tok, dxs, dx);
  }
  free(xs); free(dy); free(dxs); free(a); free(da); free(dgu);
}

// Cross-entropy of the tied head: per-token loss; with dx also the gradients (times scale), dw accumulated.
void head(int N, int D, int V, const float *x, const float *w, const int *target, float scale, float *loss, float *dx, float *dw) {
  float *l = malloc((long)TILE * V * 4);
  for (int s = 0; s < N; s += TILE) {
    int n = N - s < TILE ? N - s : TILE;
    mul_bt(n, V, D, x + (long)s * D, D, w, D, 0, l, V);
    for (int r = 0; r < n; r++) {
      float *row = l + (long)r * V, max = -1e30f, sum = 0, own = row[target[s + r]];
      for (int j = 0; j < V; j++) max = row[j] > max ? row[j] : max;
      for (int j = 0; j < V; j++) { row[j] = expf(row[j] - max); sum += row[j]; }
      loss[s + r] = max + logf(sum) - own;
      float g = scale / sum;
      if (dx) { for (int j = 0; j < V; j++) row[j] *= g; row[target[s + r]] -= scale; }
    }
    if (!dx) continue;
    mul(n, D, V, l, V, w, D, 0, dx + (long)s * D, D);
    mul_at_add(V, D, n, l, V, x + (long)s * D, D, dw, D);
  }
  free(l);
}
