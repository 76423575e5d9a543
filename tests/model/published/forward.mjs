// biome-ignore-all lint: the specification, as dense as the formulas it was compared with llama.cpp for
// An f64 forward pass of every model of archs.mjs, token by token, plain loops: the reference that llama.cpp was compared with.
import { f16ToNum, numToF16 } from './quants.mjs';

const exp = Math.exp,
  sigmoid = (x) => 1 / (1 + exp(-x)),
  silu = (x) => x * sigmoid(x),
  softplus = (x) => (x > 20 ? x : Math.log1p(exp(x)));
// llama.cpp's CPU looks GELU up in a table over f16: f16 in, f16 out (exactGelu leaves that out)
const r16 = (x) => f16ToNum(numToF16(x)),
  geluF16 = (x) => (x <= -10 ? 0 : x >= 10 ? x : r16(gelu(r16(x))));
const gelu = (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * x * (1 + 0.044715 * x * x)));
const add = (a, b) => a.map((v, i) => v + b[i]),
  scaled = (a, c) => a.map((v) => v * c),
  f64 = (n) => new Float64Array(n);
const rms = (x, eps, w) => {
  let q = 0;
  for (const v of x) q += v * v;
  const r = 1 / Math.sqrt(q / x.length + eps);
  return x.map((v, i) => v * r * (w ? w[i] : 1));
};
function softmax(x, extra) {
  let m = extra ?? -Infinity;
  for (const v of x) m = Math.max(m, v);
  const e = x.map((v) => exp(v - m));
  let z = extra === undefined ? 0 : exp(extra - m);
  for (const v of e) z += v;
  return e.map((v) => v / z);
}
const topk = (x, k) =>
  Array.from(x.keys())
    .sort((a, b) => x[b] - x[a] || a - b)
    .slice(0, k);

export function forward({ spec: s, W }, ids, { exactGelu = false } = {}) {
  const ACT = { silu, relu: (x) => Math.max(x, 0), gelu: exactGelu ? gelu : geluF16 };
  const { d, L, heads, eps, E, K, mla, ssm } = s,
    get = (n) => W.get(n)?.data,
    need = (n) => {
      const t = get(n);
      if (!t) throw new Error(`no ${n}`);
      return t;
    };
  const mv = (n, x, e = 0) => {
    // one matrix (of a stack) times a vector, with its bias if there is one
    const { ne, data } =
        W.get(`${n}.weight`) ??
        (() => {
          throw new Error(`no ${n}`);
        })(),
      [ni, no] = ne,
      y = f64(no),
      o0 = e * ni * no;
    for (let o = 0; o < no; o++) {
      let a = 0;
      for (let i = 0; i < ni; i++) a += data[o0 + o * ni + i] * x[i];
      y[o] = a;
    }
    const b = get(`${n}.bias`);
    if (b) for (let o = 0; o < no; o++) y[o] += b[e * no + o];
    return y;
  };
  const norm = (n, x) => {
    const y = rms(x, eps, need(`${n}.weight`)),
      b = get(`${n}.bias`);
    return b ? add(y, b) : y;
  }; // phimoe: RMS and a bias in llama.cpp, LayerNorm in transformers
  // --- rotary embedding, one head's first n values in place; YaRN as llama.cpp has it
  const yarn = s.yarn,
    mscale = (f, m) => (f <= 1 ? 1 : 0.1 * m * Math.log(f) + 1);
  const rope = (x, pos, n, base, factors) => {
    const corr = (b) => (n * Math.log(yarn.orig / (b * 2 * Math.PI))) / (2 * Math.log(base));
    const lo = yarn && Math.max(0, Math.floor(corr(32))),
      hi = yarn && Math.min(n - 1, Math.ceil(corr(1)));
    // magnitude: deepseek2 puts both its mscales equal (1) there and in the attention scale instead; others take 0.1 ln f + 1
    const mag = !yarn
      ? 1
      : yarn.logMul
        ? mscale(yarn.factor, s.arch === 'deepseek2' && yarn.logMul !== 0.1 ? yarn.logMul / 0.1 : 1) /
          mscale(yarn.factor, yarn.logMul / 0.1)
        : mscale(yarn.factor, 1);
    for (let j = 0; j < n / 2; j++) {
      let th = (pos * base ** ((-2 * j) / n)) / (factors ? factors[j] : 1);
      if (yarn) {
        const mix = 1 - Math.min(1, Math.max(0, (j - lo) / Math.max(0.001, hi - lo)));
        th = (th / yarn.factor) * (1 - mix) + th * mix;
      }
      const [a, b] = s.rope === 'norm' ? [2 * j, 2 * j + 1] : [j, j + n / 2],
        c = Math.cos(th) * mag,
        t = Math.sin(th) * mag,
        u = x[a],
        v = x[b];
      x[a] = u * c - v * t;
      x[b] = u * t + v * c;
    }
  };
  const cache = Array.from({ length: L }, () => ({ k: [], v: [] })),
    state = Array.from({ length: L }, () => null);
  const conv = (i, x, w, len) => {
    // causal depthwise convolution with a state of len-1 inputs; w: [len, channels]
    const st = (state[i] ??= {});
    st.hist ??= Array.from({ length: len - 1 }, () => f64(x.length));
    const win = [...st.hist, x];
    st.hist = win.slice(1);
    return x.map((_, c) => {
      let a = 0;
      for (let t = 0; t < len; t++) a += win[t][c] * w[c * len + t];
      return a;
    });
  };
  const attend = (i, q, kvHeads, hd, vd, scale, sinks, pos, group) => {
    const { k, v } = cache[i],
      out = f64(heads * vd),
      from = s.windows[i] ? Math.max(0, pos - s.window + 1) : 0;
    for (let h = 0; h < heads; h++) {
      const g = Math.floor(h / (heads / kvHeads)),
        sc = [];
      for (let t = from; t < k.length; t++) {
        let a = 0;
        for (let j = 0; j < hd; j++) a += q[h * hd + j] * k[t][g * hd + j];
        sc.push(a * scale);
      }
      softmax(sc, sinks?.[h]).forEach((p, t) => {
        for (let j = 0; j < vd; j++) out[h * vd + j] += p * v[from + t][g * vd + j];
      });
    }
    return out;
  };
  const attention = (i, b, x, pos) => {
    const hd = s.hdAt(i),
      kvh = s.kvAt(i),
      qd = heads * hd,
      kd = kvh * hd;
    let q, k, v, gate;
    if (s.fusedQkv) {
      const y = mv(`${b}attn_qkv`, x);
      q = y.slice(0, qd);
      k = y.slice(qd, qd + kd);
      v = y.slice(qd + kd);
    } else {
      q = mv(`${b}attn_q`, x);
      k = mv(`${b}attn_k`, x);
      v = W.has(`${b}attn_v.weight`) ? mv(`${b}attn_v`, x) : k.slice();
    }
    if (s.qGate) {
      const y = q;
      q = f64(qd);
      gate = f64(qd);
      for (let h = 0; h < heads; h++)
        for (let j = 0; j < hd; j++) {
          q[h * hd + j] = y[h * 2 * hd + j];
          gate[h * hd + j] = y[h * 2 * hd + hd + j];
        }
    }
    if (s.oGate) gate = mv(`${b}attn_gate`, x);
    const per = (y, n, f) => {
      for (let h = 0; h < n; h++) y.set(f(y.slice(h * hd, h * hd + hd)), h * hd);
    };
    if (s.qkNorm === 'full') {
      q = norm(`${b}attn_q_norm`, q);
      k = norm(`${b}attn_k_norm`, k);
    } else if (s.qkNorm) {
      per(q, heads, (y) => norm(`${b}attn_q_norm`, y));
      per(k, kvh, (y) => norm(`${b}attn_k_norm`, y));
    }
    if (s.gemma) per(v, kvh, (y) => rms(y, eps));
    if (!s.nope && !s.noRope?.(i)) {
      const n = s.hdSwa ? hd : s.nrot,
        base = s.baseSwa && s.windows[i] ? s.baseSwa : s.base;
      const f = s.longrope
          ? need(`rope_factors_${s.trained < s.ctx ? 'long' : 'short'}.weight`)
          : s.gemma && !s.windows[i]
            ? need('rope_freqs.weight')
            : undefined,
        turn = (y) => {
          rope(y, pos, n, base, f);
          return y;
        };
      per(q, heads, turn);
      per(k, kvh, turn);
    }
    cache[i].k[pos] = k;
    cache[i].v[pos] = v;
    return () => {
      // after every key of the pass is in place where attention is not causal
      let o = attend(
        i,
        q,
        kvh,
        hd,
        hd,
        s.gemma ? 1 : (s.attnScale ?? 1 / Math.sqrt(hd)),
        get(`${b}attn_sinks.weight`),
        pos,
      );
      if (gate) o = o.map((y, j) => y * sigmoid(gate[j]));
      return mv(`${b}attn_output`, o);
    };
  };
  const latent = (i, b, x, pos) => {
    // multi-head latent attention, expanded form (the absorbed form is the same sum in another order)
    const { kvRank: r, nope, rope: rd, v: vd } = mla,
      hd = nope + rd,
      q = mla.qRank ? mv(`${b}attn_q_b`, norm(`${b}attn_q_a_norm`, mv(`${b}attn_q_a`, x))) : mv(`${b}attn_q`, x);
    const a = mv(`${b}attn_kv_a_mqa`, x),
      pe = a.slice(r),
      c = norm(`${b}attn_kv_a_norm`, a.slice(0, r)),
      k = f64(heads * hd),
      v = f64(heads * vd);
    rope(pe, pos, rd, s.base);
    const kvb = mla.absorbed ? null : mv(`${b}attn_kv_b`, c),
      kb = get(`${b}attn_k_b.weight`);
    for (let h = 0; h < heads; h++) {
      const pq = q.slice(h * hd + nope, h * hd + hd);
      rope(pq, pos, rd, s.base);
      q.set(pq, h * hd + nope);
      k.set(pe, h * hd + nope);
      for (let j = 0; j < nope; j++)
        if (kvb) k[h * hd + j] = kvb[h * (nope + vd) + j];
        else for (let t = 0; t < r; t++) k[h * hd + j] += kb[h * r * nope + t * nope + j] * c[t]; // k_b is stored transposed: [nope, rank, heads]
      v.set(kvb ? kvb.slice(h * (nope + vd) + nope, (h + 1) * (nope + vd)) : mv(`${b}attn_v_b`, c, h), h * vd);
    }
    cache[i].k[pos] = k;
    cache[i].v[pos] = v;
    const m = yarn ? mscale(yarn.factor, (yarn.logMul ?? 0) / 0.1) : 1; // squared: once for the queries, once for the keys
    return () => mv(`${b}attn_output`, attend(i, q, heads, hd, vd, (m * m) / Math.sqrt(hd), undefined, pos));
  };
  const shortconv = (i, b, x) => {
    const y = mv(`${b}shortconv.in_proj`, x),
      B = y.slice(0, d),
      C = y.slice(d, 2 * d),
      X = y.slice(2 * d);
    const z = conv(
      i,
      B.map((v, j) => v * X[j]),
      need(`${b}shortconv.conv.weight`),
      s.convL,
    );
    return () =>
      mv(
        `${b}shortconv.out_proj`,
        z.map((v, j) => v * C[j]),
      );
  };
  const mamba2 = (i, b, x) => {
    const { inner, state: N, heads: H, groups: G, conv: len } = ssm,
      P = inner / H,
      y = mv(`${b}ssm_in`, x),
      z = y.slice(0, inner),
      bias = need(`${b}ssm_conv1d.bias`),
      cw = inner + 2 * G * N;
    const c = conv(i, y.slice(inner, inner + cw), need(`${b}ssm_conv1d.weight`), len).map((v, j) => silu(v + bias[j])),
      dt = y.slice(inner + cw),
      st = state[i],
      A = need(`${b}ssm_a`),
      D = need(`${b}ssm_d`),
      db = need(`${b}ssm_dt.bias`);
    st.h ??= f64(inner * N);
    const o = f64(inner);
    for (let h = 0; h < H; h++) {
      const t = softplus(dt[h] + db[h]),
        decay = exp(t * A[h]),
        g = Math.floor(h / (H / G));
      for (let p = 0; p < P; p++) {
        const at = h * P + p;
        let a = 0;
        for (let n = 0; n < N; n++) {
          const q = (st.h[at * N + n] = st.h[at * N + n] * decay + t * c[at] * c[inner + g * N + n]);
          a += q * c[inner + G * N + g * N + n];
        }
        o[at] = (a + D[h] * c[at]) * silu(z[at]);
      }
    }
    const w = need(`${b}ssm_norm.weight`),
      wid = inner / G;
    for (let g = 0; g < G; g++)
      o.set(rms(o.slice(g * wid, g * wid + wid), eps, w.slice(g * wid, g * wid + wid)), g * wid);
    return () => mv(`${b}ssm_out`, o);
  };
  const delta = (i, b, x) => {
    // gated delta net
    const { state: N, heads: H, groups: G, conv: len } = ssm,
      kd = N * G,
      vd = N * H,
      z = mv(`${b}attn_gate`, x),
      c = conv(i, mv(`${b}attn_qkv`, x), need(`${b}ssm_conv1d.weight`), len).map(silu),
      st = state[i];
    st.s ??= f64(H * N * N);
    let be, al;
    if (W.has(`${b}ssm_ba.weight`)) {
      const y = mv(`${b}ssm_ba`, x),
        r = H / G;
      be = f64(H);
      al = f64(H);
      for (let h = 0; h < H; h++) {
        const g = Math.floor(h / r);
        be[h] = y[g * 2 * r + (h % r)];
        al[h] = y[g * 2 * r + r + (h % r)];
      }
    } else {
      be = mv(`${b}ssm_beta`, x);
      al = mv(`${b}ssm_alpha`, x);
    }
    const a = need(`${b}ssm_a`),
      db = need(`${b}ssm_dt.bias`),
      o = f64(vd),
      nw = need(`${b}ssm_norm.weight`),
      l2 = (y) => {
        let q = 0;
        for (const v of y) q += v * v;
        return scaled(y, 1 / Math.max(Math.sqrt(q), eps));
      };
    for (let h = 0; h < H; h++) {
      const g = s.arch === 'qwen3next' ? Math.floor(h / (H / G)) : h % G; // which key head a value head reads: repeated each in qwen3next, tiled in qwen35moe
      const q = l2(c.slice(g * N, g * N + N)),
        k = l2(c.slice(kd + g * N, kd + g * N + N)),
        v = c.slice(2 * kd + h * N, 2 * kd + h * N + N),
        S = st.s.subarray(h * N * N, (h + 1) * N * N),
        decay = exp(softplus(al[h] + db[h]) * a[h]),
        beta = sigmoid(be[h]),
        y = f64(N);
      for (let j = 0; j < N; j++) {
        let m = 0;
        for (let t = 0; t < N; t++) {
          S[j * N + t] *= decay;
          m += S[j * N + t] * k[t];
        }
        const dl = (v[j] - m) * beta;
        let r = 0;
        for (let t = 0; t < N; t++) {
          S[j * N + t] += dl * k[t];
          r += S[j * N + t] * q[t];
        }
        y[j] = r / Math.sqrt(N);
      }
      o.set(
        rms(y, eps, nw).map((v2, j) => v2 * silu(z[h * N + j])),
        h * N,
      );
    }
    return () => mv(`${b}ssm_out`, o);
  };
  const ffn = (b, x, suf = '') => {
    const u = mv(`${b}ffn_up${suf}`, x),
      act = ACT[s.act === 'gelu' ? 'gelu' : 'silu'];
    return mv(
      `${b}ffn_down${suf}`,
      mv(`${b}ffn_gate${suf}`, x).map((g, j) => act(g) * u[j]),
    );
  };
  const routes = [];
  const moe = (i, b, x, logits) => {
    let p = s.gate === 'softmax' ? softmax(logits) : s.gate === 'sigmoid' ? logits.map(sigmoid) : logits,
      sel = p;
    const pb = get(`${b}exp_probs_b.bias`);
    if (pb) sel = p.map((v, e) => v + pb[e]);
    if (s.groups) {
      const per = E / s.groups,
        score = Array.from({ length: s.groups }, (_, g) => {
          const y = Array.from(sel.slice(g * per, g * per + per)).sort((m, n) => n - m);
          return y[0] + y[1];
        }),
        keep = new Set(topk(score, s.groupsUsed));
      sel = sel.map((v, e) => (keep.has(Math.floor(e / per)) ? v : -Infinity));
    }
    const top = topk(sel, K);
    let w = top.map((e) => p[e]);
    if (s.gate === 'softmax_weight') w = Array.from(softmax(Float64Array.from(w)));
    if (s.normW) {
      const z = Math.max(
        w.reduce((m, n) => m + n, 0),
        6.103515625e-5,
      );
      w = w.map((v) => v / z);
    }
    if (s.wScale) w = w.map((v) => v * s.wScale);
    routes.push({ layer: i, top, w });
    let y = f64(d);
    top.forEach((e, n) => {
      let g, u;
      if (s.gemma) {
        const gu = mv(`${b}ffn_gate_up_exps`, x, e);
        g = gu.slice(0, s.ffe);
        u = gu.slice(s.ffe);
      } else {
        g = mv(`${b}ffn_gate_exps`, x, e);
        u = mv(`${b}ffn_up_exps`, x, e);
      }
      const hid =
        s.act === 'oai'
          ? g.map((v, j) => {
              const a = Math.min(v, 7),
                c = Math.max(-7, Math.min(7, u[j]));
              return a * sigmoid(1.702 * a) * (c + 1);
            })
          : g.map((v, j) => ACT[s.act](v) * u[j]);
      const ds = get(`${b}ffn_down_exps.scale`);
      y = add(y, scaled(mv(`${b}ffn_down_exps`, hid, e), w[n] * (ds ? ds[e] : 1)));
    });
    if (W.has(`${b}ffn_up_shexp.weight`)) {
      let sh = ffn(b, x, '_shexp');
      const gw = get(`${b}ffn_gate_inp_shexp.weight`);
      if (gw) {
        let a = 0;
        gw.forEach((v, j) => {
          a += v * x[j];
        });
        sh = scaled(sh, sigmoid(a));
      }
      y = add(y, sh);
    }
    return y;
  };
  const emb = need('token_embd.weight'),
    xs = ids.map((t) =>
      scaled(
        Float64Array.from(emb.subarray(t * d, t * d + d)),
        s.embScale ?? (s.gemma || s.embSqrt ? Math.sqrt(d) : 1),
      ),
    );
  for (let i = 0; i < L; i++) {
    const b = `blk.${i}.`,
      mixer = s.recur[i] ? { conv: shortconv, mamba2, gdn: delta }[s.kind] : mla ? latent : attention,
      later = xs.map((x, pos) => {
        const f = mixer(i, b, norm(`${b}attn_norm`, x), pos);
        return s.causal === false ? f : f();
      });
    xs.forEach((x, pos) => {
      let a = s.causal === false ? later[pos]() : later[pos];
      if (s.gemma || s.sandwich) a = norm(`${b}post_attention_norm`, a);
      const h = add(x, scaled(a, s.resScale ?? 1)),
        n = norm(`${b}${s.ffnNorm ?? 'ffn_norm'}`, h);
      let y;
      if (!E || i < s.dense) y = ffn(b, n);
      else if (s.gemma) {
        const gs = need(`${b}ffn_gate_inp.scale`),
          r = rms(h, eps).map((v, j) => (v / Math.sqrt(d)) * gs[j]);
        y = add(
          norm(`${b}post_ffw_norm_1`, ffn(b, n)),
          norm(`${b}post_ffw_norm_2`, moe(i, b, norm(`${b}pre_ffw_norm_2`, h), mv(`${b}ffn_gate_inp`, r))),
        );
      } else y = moe(i, b, n, mv(`${b}ffn_gate_inp`, s.router === 'layer-input' ? x : n));
      if (s.gemma || s.sandwich) y = norm(`${b}post_ffw_norm`, y);
      let o = add(h, scaled(y, s.resScale ?? 1));
      const os = get(`${b}layer_output_scale.weight`);
      if (os) o = scaled(o, os[0]);
      xs[pos] = o;
    });
  }
  const logits = xs.map((x) => {
    let y = mv(s.tied ? 'token_embd' : 'output', norm(s.outNorm ?? 'output_norm', x));
    if (s.logitScale) y = scaled(y, 1 / s.logitScale);
    if (s.softcap) y = y.map((v) => s.softcap * Math.tanh(v / s.softcap));
    return y;
  });
  return { logits, routes };
}
