// biome-ignore-all lint: the specification, as dense as the formulas it was compared with llama.cpp for
// Tiny random models with the true metadata keys, tensor names and shapes of the published architectures.
// build(name, {type, seed}) -> {spec, meta, tensors (for writeGguf), W: Map name -> {ne, data: Float32Array}}
import { randomOf, TYPES } from './quants.mjs';

const silu = 'silu',
  base = {
    d: 64,
    L: 4,
    heads: 4,
    kv: 2,
    hd: 16,
    E: 8,
    K: 3,
    ff: 96,
    ffe: 32,
    eps: 1e-5,
    base: 10000,
    rope: 'neox',
    act: silu,
    gate: 'softmax',
    ctx: 512,
  };
const yarn = (o = {}) => ({ factor: 32, orig: 64, ...o });
const fullEvery = (n, L) => Array.from({ length: L }, (_, i) => (i + 1) % n !== 0); // true = the special (windowed, recurrent) kind
/** One entry an architecture (or a variant of one that takes another path through llama.cpp). */
export const SPECS = {
  granitemoe: {
    arch: 'granitemoe',
    rope: 'norm',
    normW: true,
    tied: true,
    embScale: 12,
    resScale: 0.22,
    attnScale: 0.05,
    logitScale: 6,
    ffKey: true,
  },
  'granitemoe-shared': {
    arch: 'granitemoe',
    rope: 'norm',
    normW: true,
    tied: true,
    embScale: 12,
    resScale: 0.22,
    attnScale: 0.05,
    logitScale: 6,
    ffKey: true,
    shexp: 48,
  },
  olmoe: { arch: 'olmoe', kv: 4, qkNorm: 'full', ffKey: true },
  qwen2moe: { arch: 'qwen2moe', kv: 4, qkvBias: true, shexp: 80, shexpGate: true },
  qwen3moe: { arch: 'qwen3moe', hd: 32, qkNorm: 'head', normW: true, base: 1e6 },
  qwen3: { arch: 'qwen3', hd: 32, qkNorm: 'head', E: 0, tied: true, base: 1e6 },
  mixtral: { arch: 'llama', rope: 'norm', normW: true, ffKey: true, base: 1e6, K: 2 },
  'mixtral-spm': { arch: 'llama', rope: 'norm', normW: true, ffKey: true, base: 1e6, K: 2, tokenizer: 'llama' },
  deepseek: { arch: 'deepseek', kv: 4, rope: 'norm', dense: 1, shared: 2, wScale: 1 },
  'deepseek2-lite': {
    arch: 'deepseek2',
    rope: 'norm',
    dense: 1,
    shared: 2,
    wScale: 1,
    mla: { kvRank: 24, nope: 16, rope: 8, v: 12, qRank: 0 },
    yarn: yarn({ factor: 40, logMul: 0.0707 }),
  },
  'deepseek2-lite-mla': {
    arch: 'deepseek2',
    rope: 'norm',
    dense: 1,
    shared: 2,
    wScale: 1,
    mla: { kvRank: 24, nope: 16, rope: 8, v: 12, qRank: 0, absorbed: true },
    yarn: yarn({ factor: 40, logMul: 0.0707 }),
  },
  moonlight: {
    arch: 'deepseek2',
    rope: 'norm',
    dense: 1,
    shared: 2,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    normKey: true,
    probsBias: true,
    wScale: 2.446,
    base: 50000,
    mla: { kvRank: 24, nope: 16, rope: 8, v: 12, qRank: 0, absorbed: true },
  },
  'deepseek2-v3': {
    arch: 'deepseek2',
    rope: 'norm',
    dense: 1,
    shared: 1,
    E: 16,
    K: 4,
    groups: 4,
    groupsUsed: 2,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    normKey: true,
    probsBias: true,
    wScale: 2.5,
    mla: { kvRank: 24, nope: 16, rope: 8, v: 12, qRank: 20, absorbed: true },
    yarn: yarn({ factor: 40, logMul: 0.1 }),
  },
  'gpt-oss': {
    arch: 'gpt-oss',
    hd: 32,
    qkvBias: true,
    oBias: true,
    sinks: true,
    gate: 'softmax_weight',
    act: 'oai',
    expBias: true,
    window: 5,
    windowed: (L) => fullEvery(2, L),
    yarn: yarn(),
    base: 150000,
    ffnNorm: 'post_attention_norm',
  },
  lfm2moe: {
    arch: 'lfm2moe',
    qkNorm: 'head',
    dense: 1,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    probsBias: true,
    base: 1e6,
    convL: 3,
    recurrent: () => [true, true, false, true],
    kind: 'conv',
    outNorm: 'token_embd_norm',
    tied: true,
  },
  'ernie4_5-moe': {
    arch: 'ernie4_5-moe',
    rope: 'norm',
    dense: 1,
    normW: true,
    probsBias: true,
    shexp: 64,
    base: 500000,
    tied: true,
    moeStep: 1,
  },
  bailingmoe: { arch: 'bailingmoe', rope: 'norm', shared: 2, normW: true, normKey: true, wScale: 1 },
  bailingmoe2: {
    arch: 'bailingmoe2',
    fusedQkv: true,
    qkNorm: 'head',
    dense: 1,
    shared: 1,
    E: 16,
    K: 4,
    groups: 4,
    groupsUsed: 2,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    normKey: true,
    probsBias: true,
    wScale: 2.5,
    nrot: 8,
  },
  'llada-moe': { arch: 'llada-moe', kv: 4, qkNorm: 'head', causal: false },
  smallthinker: {
    arch: 'smallthinker',
    L: 5,
    hd: 32,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    act: 'relu',
    router: 'layer-input',
    base: 1.5e6,
    tied: true,
    window: 4096,
    windowed: (L) => Array.from({ length: L }, (_, i) => i % 4 !== 0),
    noRope: (i) => i % 4 === 0,
  },
  'smallthinker-4b': {
    arch: 'smallthinker',
    hd: 32,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    act: 'relu',
    router: 'layer-input',
    base: 1.5e6,
    tied: true,
  },
  phimoe: {
    arch: 'phimoe',
    normBias: true,
    qkvBias: true,
    oBias: true,
    outBias: true,
    normW: true,
    K: 2,
    ffKey: true,
    longrope: true,
  },
  // room for more positions than the model was trained on: the other factors
  'phimoe-long': {
    arch: 'phimoe',
    normBias: true,
    qkvBias: true,
    oBias: true,
    outBias: true,
    normW: true,
    K: 2,
    ffKey: true,
    longrope: true,
    trained: 32,
  },
  gemma4: {
    arch: 'gemma4',
    gemma: true,
    qkNorm: 'head',
    normW: true,
    act: 'gelu',
    router: 'gemma4',
    window: 5,
    windowed: (L) => fullEvery(2, L),
    hd: 32,
    hdSwa: 16,
    kvFull: 1,
    base: 1e6,
    baseSwa: 10000,
    tied: true,
    softcap: 30,
    vFromK: true,
  },
  granitehybrid: {
    arch: 'granitehybrid',
    rope: 'norm',
    nope: true,
    normW: true,
    tied: true,
    embScale: 12,
    resScale: 0.22,
    attnScale: 0.05,
    logitScale: 6,
    ffKey: true,
    shexp: 48,
    recurrent: () => [true, true, false, true],
    kind: 'mamba2',
    ssm: { conv: 4, inner: 128, state: 16, heads: 8, groups: 1 },
  },
  qwen3next: {
    arch: 'qwen3next',
    hd: 32,
    nrot: 8,
    qkNorm: 'head',
    qGate: true,
    normW: true,
    shexp: 32,
    shexpGate: true,
    base: 1e7,
    ffnNorm: 'post_attention_norm',
    recurrent: (L) => fullEvery(4, L),
    kind: 'gdn',
    ssm: { conv: 4, inner: 64, state: 16, heads: 4, groups: 2 },
  },
  qwen35moe: {
    arch: 'qwen35moe',
    hd: 32,
    nrot: 8,
    qkNorm: 'head',
    qGate: true,
    normW: true,
    shexp: 32,
    shexpGate: true,
    base: 1e7,
    ffnNorm: 'post_attention_norm',
    recurrent: (L) => fullEvery(4, L),
    kind: 'gdn',
    ssm: { conv: 4, inner: 64, state: 16, heads: 4, groups: 2 },
    sections: [2, 1, 1, 0],
  },
  afmoe: {
    arch: 'afmoe',
    hd: 32,
    qkNorm: 'head',
    oGate: true,
    dense: 1,
    shared: 1,
    gate: 'sigmoid',
    gateKey: true,
    normW: true,
    normKey: true,
    probsBias: true,
    wScale: 2.826,
    window: 5,
    windowed: (L) => fullEvery(4, L),
    noRope: (i) => i % 4 === 3,
    sandwich: true,
    embSqrt: true,
  },
};
export function rng(seed) {
  let a = seed >>> 0;
  const rnd = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { rnd, gauss: () => Math.sqrt(-2 * Math.log(1 - rnd())) * Math.cos(2 * Math.PI * rnd()) };
}
const byteChars = () => {
  // GPT-2's bytes-to-unicode
  const keep = (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let extra = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(keep(b) ? b : extra++));
};
export function tokenizerMeta(kind) {
  if (kind === 'llama') {
    // SentencePiece: unknown, control, 256 bytes, pieces with scores
    const tokens = [
      '<unk>',
      '<s>',
      '</s>',
      ...Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`),
      '▁',
      'a',
      'b',
      't',
      'h',
      'e',
      '▁t',
      'he',
      '▁the',
    ];
    return {
      V: tokens.length,
      meta: [
        ['tokenizer.ggml.model', 'str', 'llama'],
        ['tokenizer.ggml.pre', 'str', 'default'],
        ['tokenizer.ggml.tokens', 'arr:str', tokens],
        ['tokenizer.ggml.scores', 'arr:f32', tokens.map((_, i) => (i < 259 ? 0 : -(i - 258)))],
        ['tokenizer.ggml.token_type', 'arr:i32', tokens.map((_, i) => (i === 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 1))],
        ['tokenizer.ggml.bos_token_id', 'u32', 1],
        ['tokenizer.ggml.eos_token_id', 'u32', 2],
        ['tokenizer.ggml.unknown_token_id', 'u32', 0],
        ['tokenizer.ggml.add_bos_token', 'bool', true],
      ],
    };
  }
  const tokens = [...byteChars(), 'Ġt', 'he', 'Ġthe', '<|end|>'];
  return {
    V: tokens.length,
    meta: [
      ['tokenizer.ggml.model', 'str', 'gpt2'],
      ['tokenizer.ggml.pre', 'str', kind ?? 'qwen2'],
      ['tokenizer.ggml.tokens', 'arr:str', tokens],
      ['tokenizer.ggml.token_type', 'arr:i32', tokens.map((t) => (t === '<|end|>' ? 3 : 1))],
      ['tokenizer.ggml.merges', 'arr:str', ['Ġ t', 'h e', 'Ġt he']],
      ['tokenizer.ggml.bos_token_id', 'u32', tokens.length - 1],
      ['tokenizer.ggml.eos_token_id', 'u32', tokens.length - 1],
      ['tokenizer.ggml.add_bos_token', 'bool', false],
    ],
  };
}
/** type: what matrices are stored as; where: 'all' or 'embed' (token_embd alone); wide: widths of 256 that K-quants need. */
export function build(
  name,
  { type = 'F32', where = 'all', seed = 1, wide = false, dequantised = false, over = {} } = {},
) {
  const s = { name, ...base, ...(wide ? { d: 256, ff: 256, ffe: 256, hd: 64 } : {}), ...SPECS[name], ...over },
    { rnd, gauss } = rng(seed * 7919 + name.length);
  if (wide) Object.assign(s, { hd: 64, shexp: s.shexp && 256 });
  const tok = tokenizerMeta(s.tokenizer),
    W = new Map(),
    tensors = [],
    A = s.arch,
    meta = [
      ['general.architecture', 'str', A],
      ['general.name', 'str', `tiny random ${name}`],
    ];
  Object.assign(s, {
    V: tok.V,
    nrot: s.nrot ?? s.hd,
    windows: s.windowed?.(s.L) ?? Array(s.L).fill(false),
    recur: s.recurrent?.(s.L) ?? Array(s.L).fill(false),
    dense: s.dense ?? 0,
  });
  const { d, L, heads, kv, E, K, ff, ffe, mla, ssm } = s,
    has = (v) => v !== undefined && v !== false;
  const kvAt = (i) => (s.kvFull && !s.windows[i] ? s.kvFull : kv),
    hdAt = (i) => (s.hdSwa && s.windows[i] ? s.hdSwa : s.hd);
  Object.assign(s, { kvAt, hdAt });
  const put = (n, ne, make, t) => {
    const count = ne.reduce((a, b) => a * b, 1),
      quant = t && t !== 'F32' && ne[0] % TYPES[t][1] === 0 ? t : 'F32';
    let bytes, values;
    if (quant !== 'F32') ({ bytes, values } = randomOf(quant, count, make, rnd, gauss));
    else {
      values = new Float32Array(count).map(typeof make === 'number' ? () => gauss() * make : make);
    }
    if (quant === 'F32' || dequantised) bytes = new Uint8Array(values.buffer);
    W.set(n, { ne, data: values, type: quant });
    tensors.push({ name: n, ne, type: TYPES[dequantised ? 'F32' : quant][0], bytes });
  };
  const mat = (n, i, o, gain = 1, ...more) =>
    put(`${n}.weight`, [i, o, ...more], gain / Math.sqrt(i), where === 'all' ? type : 'F32');
  const f32 = (n, ne, make = 0.2) => put(n, ne, make),
    norm = (n, w) => {
      f32(`${n}.weight`, [w], () => 1 + 0.2 * gauss());
      if (s.normBias) f32(`${n}.bias`, [w]);
    };
  const k = (key, kind, v) => meta.push([`${A}.${key}`, kind, v]);
  // --- metadata
  k('context_length', 'u32', s.ctx);
  k('embedding_length', 'u32', d);
  k('block_count', 'u32', L);
  k('vocab_size', 'u32', s.V);
  k('feed_forward_length', 'u32', s.ffKey ? ffe : ff);
  k('attention.head_count', 'u32', heads);
  if (s.recurrent && s.kind !== 'gdn')
    k(
      'attention.head_count_kv',
      'arr:u32',
      s.recur.map((r) => (r ? 0 : kv)),
    );
  else if (s.kvFull)
    k(
      'attention.head_count_kv',
      'arr:u32',
      s.windows.map((_, i) => kvAt(i)),
    );
  else k('attention.head_count_kv', 'u32', mla ? (mla.absorbed ? 1 : heads) : kv);
  k('attention.layer_norm_rms_epsilon', 'f32', s.eps);
  k('rope.freq_base', 'f32', s.base);
  k('rope.dimension_count', 'u32', mla ? mla.rope : s.nrot);
  if (mla) {
    // absorbed: keys are [latent, rope] of one shared head; else the expanded heads
    k('attention.q_lora_rank', 'u32', mla.qRank);
    k('attention.kv_lora_rank', 'u32', mla.kvRank);
    k('attention.key_length', 'u32', mla.absorbed ? mla.kvRank + mla.rope : mla.nope + mla.rope);
    k('attention.value_length', 'u32', mla.absorbed ? mla.kvRank : mla.v);
    if (mla.absorbed) {
      k('attention.key_length_mla', 'u32', mla.nope + mla.rope);
      k('attention.value_length_mla', 'u32', mla.v);
    }
  } else {
    k('attention.key_length', 'u32', s.hd);
    k('attention.value_length', 'u32', s.hd);
  }
  if (E) {
    k('expert_count', 'u32', E);
    k('expert_used_count', 'u32', K);
    if (!s.ffKey) k('expert_feed_forward_length', 'u32', ffe);
  }
  if (s.shared) k('expert_shared_count', 'u32', s.shared);
  if (s.shexp) k('expert_shared_feed_forward_length', 'u32', s.shexp);
  if (s.dense || /deepseek|bailing|ernie|lfm2|afmoe/.test(A)) k('leading_dense_block_count', 'u32', s.dense);
  if (has(s.wScale)) k('expert_weights_scale', 'f32', s.wScale);
  if (s.normKey) k('expert_weights_norm', 'bool', true);
  if (s.gateKey) k('expert_gating_func', 'u32', { softmax: 1, sigmoid: 2, softmax_weight: 3 }[s.gate]);
  if (s.groups) {
    k('expert_group_count', 'u32', s.groups);
    k('expert_group_used_count', 'u32', s.groupsUsed);
  }
  if (s.moeStep) k('interleave_moe_layer_step', 'u32', s.moeStep);
  if (s.yarn) {
    k('rope.scaling.type', 'str', 'yarn');
    k('rope.scaling.factor', 'f32', s.yarn.factor);
    k('rope.scaling.original_context_length', 'u32', s.yarn.orig);
    if (s.yarn.logMul) k('rope.scaling.yarn_log_multiplier', 'f32', s.yarn.logMul);
  }
  if (s.window) k('attention.sliding_window', 'u32', s.window);
  if (has(s.embScale)) {
    k('embedding_scale', 'f32', s.embScale);
    k('residual_scale', 'f32', s.resScale);
    k('attention.scale', 'f32', s.attnScale);
    k('logit_scale', 'f32', s.logitScale);
  }
  if (s.nope) k('rope.scaling.finetuned', 'bool', false);
  if (s.trained) k('rope.scaling.original_context_length', 'u32', s.trained);
  if (s.convL) k('shortconv.l_cache', 'u32', s.convL);
  if (ssm) {
    k('ssm.conv_kernel', 'u32', ssm.conv);
    k('ssm.inner_size', 'u32', ssm.inner);
    k('ssm.state_size', 'u32', ssm.state);
    k('ssm.time_step_rank', 'u32', ssm.heads);
    k('ssm.group_count', 'u32', ssm.groups);
  }
  if (s.kind === 'gdn') k('full_attention_interval', 'u32', 4);
  if (s.sections) k('rope.dimension_sections', 'arr:i32', s.sections);
  if (s.causal === false) k('attention.causal', 'bool', false);
  if (s.gemma) {
    k('attention.sliding_window_pattern', 'arr:bool', s.windows);
    k('attention.key_length_swa', 'u32', s.hdSwa);
    k('attention.value_length_swa', 'u32', s.hdSwa);
    k('rope.dimension_count_swa', 'u32', s.hdSwa);
    k('rope.freq_base_swa', 'f32', s.baseSwa);
    k('embedding_length_per_layer_input', 'u32', 0);
    k('final_logit_softcapping', 'f32', s.softcap);
  }
  // --- tensors
  put('token_embd.weight', [d, s.V], s.embScale ? 1 / s.embScale : s.embSqrt || s.gemma ? 1 / Math.sqrt(d) : 1, type);
  norm(s.outNorm ?? 'output_norm', d);
  if (!s.tied) mat('output', d, s.V, 2);
  if (s.outBias) f32('output.bias', [s.V]);
  if (s.longrope) {
    f32('rope_factors_long.weight', [s.nrot / 2], () => 1 + 3 * rnd());
    f32('rope_factors_short.weight', [s.nrot / 2], () => 1 + rnd());
  }
  if (s.gemma) f32('rope_freqs.weight', [s.hd / 2], (_, i) => (i < s.hd / 8 ? 1 : 1e30));
  for (let i = 0; i < L; i++) {
    const b = `blk.${i}.`,
      hd = hdAt(i),
      nkv = kvAt(i);
    norm(`${b}attn_norm`, d);
    if (s.recur[i] && s.kind === 'conv') {
      f32(`${b}shortconv.conv.weight`, [s.convL, d], 0.5);
      mat(`${b}shortconv.in_proj`, d, 3 * d, 1.5);
      mat(`${b}shortconv.out_proj`, d, d);
    } else if (s.recur[i] && s.kind === 'mamba2') {
      const c = ssm.inner + 2 * ssm.groups * ssm.state;
      mat(`${b}ssm_in`, d, 2 * ssm.inner + 2 * ssm.groups * ssm.state + ssm.heads);
      f32(`${b}ssm_conv1d.weight`, [ssm.conv, c], 0.5);
      f32(`${b}ssm_conv1d.bias`, [c]);
      f32(`${b}ssm_dt.bias`, [ssm.heads], 0.5);
      f32(`${b}ssm_a`, [1, ssm.heads], () => -0.2 - rnd());
      f32(`${b}ssm_d`, [1, ssm.heads], 1);
      f32(`${b}ssm_norm.weight`, [ssm.inner / ssm.groups, ssm.groups], () => 1 + 0.2 * gauss());
      mat(`${b}ssm_out`, ssm.inner, d);
    } else if (s.recur[i]) {
      // gated delta net
      const kd = ssm.state * ssm.groups,
        vd = ssm.state * ssm.heads,
        c = 2 * kd + vd;
      mat(`${b}attn_qkv`, d, c);
      mat(`${b}attn_gate`, d, vd);
      f32(`${b}ssm_conv1d.weight`, [ssm.conv, c], 0.5);
      f32(`${b}ssm_dt.bias`, [ssm.heads], 0.5);
      f32(`${b}ssm_a`, [ssm.heads], () => -0.2 - rnd());
      if (A === 'qwen3next') mat(`${b}ssm_ba`, d, 2 * ssm.heads);
      else {
        mat(`${b}ssm_beta`, d, ssm.heads);
        mat(`${b}ssm_alpha`, d, ssm.heads);
      }
      norm(`${b}ssm_norm`, ssm.state);
      mat(`${b}ssm_out`, vd, d);
    } else if (mla) {
      const qd = heads * (mla.nope + mla.rope);
      if (mla.qRank) {
        mat(`${b}attn_q_a`, d, mla.qRank);
        norm(`${b}attn_q_a_norm`, mla.qRank);
        mat(`${b}attn_q_b`, mla.qRank, qd);
      } else mat(`${b}attn_q`, d, qd);
      mat(`${b}attn_kv_a_mqa`, d, mla.kvRank + mla.rope);
      norm(`${b}attn_kv_a_norm`, mla.kvRank);
      if (mla.absorbed) {
        mat(`${b}attn_k_b`, mla.nope, mla.kvRank, 1, heads);
        mat(`${b}attn_v_b`, mla.kvRank, mla.v, 1, heads);
      } else mat(`${b}attn_kv_b`, mla.kvRank, heads * (mla.nope + mla.v));
      mat(`${b}attn_output`, heads * mla.v, d);
    } else {
      const q = heads * hd,
        kvw = nkv * hd;
      if (s.fusedQkv) mat(`${b}attn_qkv`, d, q + 2 * kvw, 1.5);
      else {
        mat(`${b}attn_q`, d, q * (s.qGate ? 2 : 1), 1.5);
        mat(`${b}attn_k`, d, kvw, 1.5);
        if (!(s.vFromK && !s.windows[i])) mat(`${b}attn_v`, d, kvw);
      }
      if (s.qkvBias)
        for (const [n, w] of [
          ['q', q],
          ['k', kvw],
          ['v', kvw],
        ])
          f32(`${b}attn_${n}.bias`, [w]);
      if (s.qkNorm === 'full') {
        norm(`${b}attn_q_norm`, q);
        norm(`${b}attn_k_norm`, kvw);
      } else if (s.qkNorm) {
        norm(`${b}attn_q_norm`, hd);
        norm(`${b}attn_k_norm`, hd);
      }
      if (s.sinks) f32(`${b}attn_sinks.weight`, [heads], 1);
      if (s.oGate) mat(`${b}attn_gate`, d, q);
      mat(`${b}attn_output`, q, d);
      if (s.oBias) f32(`${b}attn_output.bias`, [d]);
    }
    if (s.gemma || s.sandwich) {
      norm(`${b}post_attention_norm`, d);
      norm(`${b}post_ffw_norm`, d);
    }
    if (s.gemma) {
      norm(`${b}post_ffw_norm_1`, d);
      norm(`${b}post_ffw_norm_2`, d);
      norm(`${b}pre_ffw_norm_2`, d);
      f32(`${b}layer_output_scale.weight`, [1], () => 0.7 + 0.3 * rnd());
      f32(`${b}ffn_gate_inp.scale`, [d], () => 1 + 0.3 * gauss());
    }
    norm(`${b}${s.ffnNorm ?? 'ffn_norm'}`, d);
    const dense = !E || i < s.dense;
    if (dense || s.gemma) {
      mat(`${b}ffn_gate`, d, ff);
      mat(`${b}ffn_up`, d, ff);
      mat(`${b}ffn_down`, ff, d);
    }
    if (dense) continue;
    f32(`${b}ffn_gate_inp.weight`, [d, E], s.gemma ? 2 : 3 / Math.sqrt(d));
    if (s.expBias) f32(`${b}ffn_gate_inp.bias`, [E], 0.5);
    if (s.probsBias) f32(`${b}exp_probs_b.bias`, [E], 0.3);
    const g = s.act === 'oai' ? 6 : 1.5;
    if (s.gemma) mat(`${b}ffn_gate_up_exps`, d, 2 * ffe, g, E);
    else {
      mat(`${b}ffn_gate_exps`, d, ffe, g, E);
      mat(`${b}ffn_up_exps`, d, ffe, g, E);
    }
    mat(`${b}ffn_down_exps`, ffe, d, 1, E);
    if (s.gemma) f32(`${b}ffn_down_exps.scale`, [E], () => 0.6 + 0.6 * rnd());
    if (s.expBias) {
      f32(`${b}ffn_gate_exps.bias`, [ffe, E]);
      f32(`${b}ffn_up_exps.bias`, [ffe, E]);
      f32(`${b}ffn_down_exps.bias`, [d, E]);
    }
    const sh = s.shexp ?? (s.shared ? s.shared * ffe : 0);
    if (sh) {
      mat(`${b}ffn_gate_shexp`, d, sh);
      mat(`${b}ffn_up_shexp`, d, sh);
      mat(`${b}ffn_down_shexp`, sh, d);
    }
    if (s.shexpGate) f32(`${b}ffn_gate_inp_shexp.weight`, [d], 1 / Math.sqrt(d));
  }
  return { spec: s, meta: [...meta, ...tok.meta], tensors, W };
}
