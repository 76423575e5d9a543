// The training step's kernels, f32, one thread: fused element-wise work around BLAS matrix products.
// Row-major everywhere. N tokens, D width, E experts, K per token, H expert hidden, slot = (token, choice).
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW = 101, NO = 111, TR = 112 };
void cblas_sgemm(int, int, int, int m, int n, int k, float, const float *, int, const float *, int, float, float *, int);

static float rstd_of(const float *x, int D) {
  float ss = 0;
  for (int i = 0; i < D; i++) ss += x[i] * x[i];
  return 1 / sqrtf(ss / D + 1e-6f);
}
void rmsnorm_fwd(int N, int D, const float *x, const float *w, float *y) {
  for (int n = 0; n < N; n++, x += D, y += D) {
    float r = rstd_of(x, D);
    for (int i = 0; i < D; i++) y[i] = x[i] * r * w[i];
  }
}
// dx += d(rmsnorm)/dx * dy; dw += ...
static void norm_bwd_row(int D, const float *x, const float *w, const float *dy, float *dx, float *dw) {
  float r = rstd_of(x, D), dot = 0;
  for (int i = 0; i < D; i++) dot += dy[i] * w[i] * x[i];
  dot *= r * r / D;
  for (int i = 0; i < D; i++) {
    dx[i] += r * (dy[i] * w[i] - x[i] * dot);
    dw[i] += dy[i] * x[i] * r;
  }
}
void rmsnorm_bwd(int N, int D, const float *x, const float *w, const float *dy, float *dx, float *dw) {
  for (int n = 0; n < N; n++) norm_bwd_row(D, x + (long)n * D, w, dy + (long)n * D, dx + (long)n * D, dw);
}

void embed_fwd(int N, int D, const int *ids, const float *w, float *x) {
  for (int n = 0; n < N; n++) memcpy(x + (long)n * D, w + (long)ids[n] * D, D * 4);
}
void embed_bwd(int N, int D, const int *ids, const float *dx, float *dw) {
  for (int n = 0; n < N; n++)
    for (int i = 0; i < D; i++) dw[(long)ids[n] * D + i] += dx[(long)n * D + i];
}

// Head norm then half-split rotation, for the HQ query and HK key heads of width W at the front of each qkv row.
void rope_fwd(int N, int T, int HQ, int HK, int W, const float *qkv, const float *qn, const float *kn,
              const float *cs, const float *sn, float *out) {
  int G = HQ + HK, ld = (HQ + 2 * HK) * W, half = W / 2;
  for (int n = 0; n < N; n++) {
    const float *c = cs + (n % T) * half, *s = sn + (n % T) * half;
    for (int h = 0; h < G; h++) {
      const float *x = qkv + (long)n * ld + h * W, *w = h < HQ ? qn : kn;
      float *y = out + ((long)n * G + h) * W, r = rstd_of(x, W);
      for (int i = 0; i < half; i++) {
        float a = x[i] * r * w[i], b = x[i + half] * r * w[i + half];
        y[i] = a * c[i] - b * s[i];
        y[i + half] = b * c[i] + a * s[i];
      }
    }
  }
}
void rope_bwd(int N, int T, int HQ, int HK, int W, const float *qkv, const float *qn, const float *kn,
              const float *cs, const float *sn, const float *dout, float *dqkv, float *dqn, float *dkn) {
  int G = HQ + HK, ld = (HQ + 2 * HK) * W, half = W / 2;
  float dy[512];
  for (int n = 0; n < N; n++) {
    const float *c = cs + (n % T) * half, *s = sn + (n % T) * half;
    for (int h = 0; h < G; h++) {
      const float *x = qkv + (long)n * ld + h * W, *d = dout + ((long)n * G + h) * W;
      float *dx = dqkv + (long)n * ld + h * W;
      for (int i = 0; i < half; i++) {
        dy[i] = d[i] * c[i] + d[i + half] * s[i];
        dy[i + half] = d[i + half] * c[i] - d[i] * s[i];
      }
      memset(dx, 0, W * 4);
      norm_bwd_row(W, x, h < HQ ? qn : kn, dy, dx, h < HQ ? dqn : dkn);
    }
  }
}

enum { BLOCK = 64 };  // query rows per tile; a tile sees only the keys up to its last row
// rot: [N, HQ+HK, W] rotated q and k; v: inside qkv; P: [B, HQ, T, T] kept for the backward pass; o: [N, HQ*W]
void attention_fwd(int B, int T, int HQ, int HK, int W, const float *rot, const float *qkv, float *P, float *o) {
  int lr = (HQ + HK) * W, lv = (HQ + 2 * HK) * W, lo = HQ * W;
  float scale = 1 / sqrtf(W);
  for (int b = 0; b < B; b++) for (int h = 0; h < HQ; h++) {
    const float *q = rot + (long)b * T * lr + h * W, *k = rot + (long)b * T * lr + (HQ + h / (HQ / HK)) * W;
    const float *v = qkv + (long)b * T * lv + (HQ + HK + h / (HQ / HK)) * W;
    float *p = P + ((long)b * HQ + h) * T * T;
    for (int i = 0; i < T; i += BLOCK) {
      int m = T - i < BLOCK ? T - i : BLOCK, n = i + m;
      float *S = p + (long)i * T;
      cblas_sgemm(ROW, NO, TR, m, n, W, scale, q + (long)i * lr, lr, k, lr, 0, S, T);
      for (int r = 0; r < m; r++) {
        float *row = S + (long)r * T, max = -1e30f, sum = 0;
        int len = i + r + 1;
        for (int j = 0; j < len; j++) max = row[j] > max ? row[j] : max;
        for (int j = 0; j < len; j++) { row[j] = expf(row[j] - max); sum += row[j]; }
        sum = 1 / sum;
        for (int j = 0; j < len; j++) row[j] *= sum;
        for (int j = len; j < n; j++) row[j] = 0;
      }
      cblas_sgemm(ROW, NO, NO, m, W, n, 1, S, T, v, lv, 0, o + ((long)b * T + i) * lo + h * W, lo);
    }
  }
}
// dO -> drot (q and k parts) and the v part of dqkv. Both must be zeroed by the caller.
void attention_bwd(int B, int T, int HQ, int HK, int W, const float *rot, const float *qkv, const float *P,
                   const float *dO, float *drot, float *dqkv) {
  int lr = (HQ + HK) * W, lv = (HQ + 2 * HK) * W, lo = HQ * W;
  float scale = 1 / sqrtf(W), *dS = malloc((long)BLOCK * T * 4);
  for (int b = 0; b < B; b++) for (int h = 0; h < HQ; h++) {
    long q = (long)b * T * lr + h * W, k = (long)b * T * lr + (HQ + h / (HQ / HK)) * W;
    long v = (long)b * T * lv + (HQ + HK + h / (HQ / HK)) * W;
    for (int i = 0; i < T; i += BLOCK) {
      int m = T - i < BLOCK ? T - i : BLOCK, n = i + m;
      const float *p = P + (((long)b * HQ + h) * T + i) * T, *d = dO + ((long)b * T + i) * lo + h * W;
      cblas_sgemm(ROW, NO, TR, m, n, W, 1, d, lo, qkv + v, lv, 0, dS, T);
      cblas_sgemm(ROW, TR, NO, n, W, m, 1, p, T, d, lo, 1, dqkv + v, lv);
      for (int r = 0; r < m; r++) {
        const float *row = p + (long)r * T;
        float *g = dS + (long)r * T, dot = 0;
        for (int j = 0; j < n; j++) dot += g[j] * row[j];
        for (int j = 0; j < n; j++) g[j] = row[j] * (g[j] - dot) * scale;
      }
      cblas_sgemm(ROW, NO, NO, m, W, n, 1, dS, T, rot + k, lr, 0, drot + q + (long)i * lr, lr);
      cblas_sgemm(ROW, TR, NO, n, W, m, 1, dS, T, rot + q + (long)i * lr, lr, 1, drot + k, lr);
    }
  }
  free(dS);
}


// Router: softmax over all, top K (ties to the lower index), renormalised; then slots sorted by expert (stable).
// pool: per sequence, how many experts it may use (0: all); forbid: [E] experts switched off. Either may be NULL.
void router_fwd(int N, int T, int E, int K, const float *logits, const int *pool, const unsigned char *forbid,
                float *probs, float *lse, int *idx, int *off, int *tok, int *slot, float *gate) {
  for (int n = 0; n < N; n++) {
    const float *l = logits + (long)n * E;
    float max = -1e30f, sum = 0;
    for (int e = 0; e < E; e++) max = l[e] > max ? l[e] : max;
    for (int e = 0; e < E; e++) sum += probs[(long)n * E + e] = expf(l[e] - max);
    for (int e = 0; e < E; e++) probs[(long)n * E + e] /= sum;
    lse[n] = max + logf(sum);
  }
  unsigned char banned[256];
  memset(off, 0, (E + 1) * sizeof(int));
  float *w = malloc((long)N * K * 4);
  for (int n = 0; n < N; n++) {
    if (n % T == 0) {
      for (int e = 0; e < E; e++) banned[e] = forbid ? forbid[e] : 0;
      int P = pool ? pool[n / T] : 0;
      if (P > 0 && P < E) {
        float mean[256] = {0};
        for (int t = n; t < n + T; t++) for (int e = 0; e < E; e++) mean[e] += probs[(long)t * E + e];
        for (int e = 0; e < E; e++) {
          int rank = 0;
          for (int f = 0; f < E; f++) rank += mean[f] > mean[e] || (mean[f] == mean[e] && f < e);
          if (rank >= P) banned[e] = 1;
        }
      }
    }
    float sum = 0;
    for (int j = 0; j < K; j++) {
      int best = -1;
      for (int e = 0; e < E; e++) {
        int taken = banned[e];
        for (int i = 0; i < j; i++) taken |= idx[n * K + i] == e;
        if (!taken && (best < 0 || probs[(long)n * E + e] > probs[(long)n * E + best])) best = e;
      }
      idx[n * K + j] = best;
      sum += w[n * K + j] = probs[(long)n * E + best];
      off[best + 1]++;
    }
    for (int j = 0; j < K; j++) w[n * K + j] /= sum;
  }
  for (int e = 0; e < E; e++) off[e + 1] += off[e];
  int next[256];
  memcpy(next, off, E * sizeof(int));
  for (int i = 0; i < N * K; i++) {
    int s = next[idx[i]]++;
    slot[i] = s; tok[s] = i / K; gate[s] = w[i];
  }
  free(w);
}
// d logits from d gate, the load-balance loss alpha*E*sum(f*P) and the z-loss beta*mean(lse^2), both times `scale`.
void router_bwd(int N, int E, int K, const float *probs, const float *lse, const int *idx, const int *slot, const int *off,
                const float *gate, const float *dgate, float alpha, float beta, float scale, float *dlogits) {
  float f[256];
  for (int e = 0; e < E; e++) f[e] = (float)(off[e + 1] - off[e]) / (N * K);
  for (int n = 0; n < N; n++) {
    const float *p = probs + (long)n * E;
    float *d = dlogits + (long)n * E, fp = 0, dot = 0, z = 2 * beta * scale / N * lse[n], b = alpha * scale * E / N;
    for (int e = 0; e < E; e++) fp += f[e] * p[e];
    for (int e = 0; e < E; e++) d[e] = p[e] * (b * (f[e] - fp) + z);
    for (int j = 0; j < K; j++) dot += gate[slot[n * K + j]] * dgate[slot[n * K + j]];
    for (int j = 0; j < K; j++) d[idx[n * K + j]] += gate[slot[n * K + j]] * (dgate[slot[n * K + j]] - dot);
  }
}
