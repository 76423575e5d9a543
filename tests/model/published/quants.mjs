// biome-ignore-all lint: the specification, as dense as the formulas it was compared with llama.cpp for
// Random but valid blocks of every usual GGUF type, and their exact values. No encoder is needed for tests:
// fill blocks with random bits and sane scales, keep the bytes for the file and the values for the reference.
export const TYPES = {
  // name: [ggml type id, values a block, bytes a block]
  F32: [0, 1, 4],
  F16: [1, 1, 2],
  Q4_0: [2, 32, 18],
  Q4_1: [3, 32, 20],
  Q5_0: [6, 32, 22],
  Q5_1: [7, 32, 24],
  Q8_0: [8, 32, 34],
  Q2_K: [10, 256, 84],
  Q3_K: [11, 256, 110],
  Q4_K: [12, 256, 144],
  Q5_K: [13, 256, 176],
  Q6_K: [14, 256, 210],
  IQ4_NL: [20, 32, 18],
  IQ4_XS: [23, 256, 136],
  BF16: [30, 1, 2],
  MXFP4: [39, 32, 17],
};
const f32 = new Float32Array(1),
  u32 = new Uint32Array(f32.buffer);
export function f16ToNum(h) {
  const s = h & 0x8000 ? -1 : 1,
    e = (h >> 10) & 31,
    m = h & 1023;
  return e === 0 ? s * m * 2 ** -24 : e === 31 ? (m ? NaN : s * Infinity) : s * (1 + m / 1024) * 2 ** (e - 15);
}
export function numToF16(v) {
  // round to nearest even
  f32[0] = v;
  const x = u32[0],
    s = (x >>> 16) & 0x8000;
  const a = Math.abs(f32[0]);
  if (a >= 65520) return s | 0x7c00;
  if (a < 2 ** -25) return s;
  let e = Math.floor(Math.log2(a));
  if (2 ** e > a) e--;
  if (2 ** (e + 1) <= a) e++;
  e = Math.max(e, -14);
  let m = a / 2 ** (e - 10),
    r = Math.floor(m);
  const d = m - r;
  if (d > 0.5 || (d === 0.5 && r & 1)) r++;
  if (r === 2048) {
    r = 1024;
    e++;
  }
  return s | (r < 1024 ? r : ((e + 15) << 10) | (r - 1024));
}
const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
const FP4 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]; // e2m1 times two
const K4 = (q, j) =>
  j < 4
    ? [q[j] & 63, q[j + 4] & 63] // 6-bit (scale, min) of sub-block j from the 12 packed bytes
    : [(q[j + 4] & 15) | ((q[j - 4] >> 6) << 4), (q[j + 4] >> 4) | ((q[j] >> 6) << 4)];
// value(block bytes b) -> array of the block's values, by type
export const DEQUANT = {
  F32: (b) => [new DataView(b.buffer, b.byteOffset).getFloat32(0, true)],
  F16: (b) => [f16ToNum(b[0] | (b[1] << 8))],
  BF16: (b) => {
    u32[0] = ((b[0] | (b[1] << 8)) << 16) >>> 0;
    return [f32[0]];
  },
  Q8_0: (b) => {
    const d = h(b, 0);
    return seq(32, (i) => d * i8(b[2 + i]));
  },
  Q4_0: (b) => {
    const d = h(b, 0);
    return seq(32, (i) => d * (nib(b, 2, i) - 8));
  },
  Q4_1: (b) => {
    const d = h(b, 0),
      m = h(b, 2);
    return seq(32, (i) => d * nib(b, 4, i) + m);
  },
  Q5_0: (b) => {
    const d = h(b, 0),
      hi = w(b, 2);
    return seq(32, (i) => d * ((nib(b, 6, i) | (((hi >>> i) & 1) << 4)) - 16));
  },
  Q5_1: (b) => {
    const d = h(b, 0),
      m = h(b, 2),
      hi = w(b, 4);
    return seq(32, (i) => d * (nib(b, 8, i) | (((hi >>> i) & 1) << 4)) + m);
  },
  IQ4_NL: (b) => {
    const d = h(b, 0);
    return seq(32, (i) => d * IQ4[nib(b, 2, i)]);
  },
  MXFP4: (b) => {
    const d = 2 ** (b[0] - 128);
    return seq(32, (i) => d * FP4[nib(b, 1, i)]);
  },
  Q4_K: (b) => {
    const d = h(b, 0),
      dm = h(b, 2),
      s = b.subarray(4, 16);
    return seq(256, (i) => {
      const j = i >> 5,
        [sc, m] = K4(s, j);
      const q = b[16 + (j >> 1) * 32 + (i & 31)];
      return d * sc * (j & 1 ? q >> 4 : q & 15) - dm * m;
    });
  },
  Q5_K: (b) => {
    const d = h(b, 0),
      dm = h(b, 2),
      s = b.subarray(4, 16);
    return seq(256, (i) => {
      const j = i >> 5,
        [sc, m] = K4(s, j);
      const q = b[48 + (j >> 1) * 32 + (i & 31)],
        hi = (b[16 + (i & 31)] >> j) & 1;
      return d * sc * ((j & 1 ? q >> 4 : q & 15) + 16 * hi) - dm * m;
    });
  },
  Q6_K: (b) => {
    const d = h(b, 208);
    return seq(256, (i) => {
      const n = i >> 7,
        g = (i >> 5) & 3,
        l = i & 31; // half, quarter of the half, place
      const ql = b[n * 64 + (g & 1) * 32 + l],
        qh = b[128 + n * 32 + l],
        q = (g < 2 ? ql & 15 : ql >> 4) | (((qh >> (2 * g)) & 3) << 4);
      return d * i8(b[192 + (i >> 4)]) * (q - 32);
    });
  },
  IQ4_XS: (b) => {
    const d = h(b, 0),
      sh = b[2] | (b[3] << 8);
    return seq(256, (i) => {
      const j = i >> 5;
      const sc = ((b[4 + (j >> 1)] >> (4 * (j & 1))) & 15) | (((sh >> (2 * j)) & 3) << 4);
      return d * (sc - 32) * IQ4[nib(b, 8 + j * 16, i & 31)];
    });
  },
  Q2_K: (b) => {
    const d = h(b, 80),
      dm = h(b, 82);
    return seq(256, (i) => {
      const s = b[i >> 4],
        n = i >> 7;
      return d * (s & 15) * ((b[16 + n * 32 + (i & 31)] >> (2 * ((i >> 5) & 3))) & 3) - dm * (s >> 4);
    });
  },
  Q3_K: (b) => {
    const d = h(b, 108);
    return seq(256, (i) => {
      const j = i >> 4,
        n = i >> 7,
        lo = j < 8 ? b[96 + j] & 15 : b[96 + j - 8] >> 4;
      const sc = (lo | (((b[96 + 8 + (j & 3)] >> (2 * (j >> 2))) & 3) << 4)) - 32,
        q = (b[32 + n * 32 + (i & 31)] >> (2 * ((i >> 5) & 3))) & 3;
      return d * sc * (q - ((b[i & 31] >> (i >> 5)) & 1 ? 0 : 4));
    });
  },
};
const h = (b, o) => f16ToNum(b[o] | (b[o + 1] << 8)),
  i8 = (v) => (v << 24) >> 24,
  w = (b, o) => (b[o] | (b[o + 1] << 8) | (b[o + 2] << 16) | (b[o + 3] << 24)) >>> 0;
const nib = (b, o, i) => (i < 16 ? b[o + i] & 15 : b[o + i - 16] >> 4),
  seq = (n, f) => Array.from({ length: n }, (_, i) => f(i));
// where the f16 scales of a block lie, and a typical magnitude of (value / scale) under random bits
const SCALES = {
  Q8_0: [[0, 74]],
  Q4_0: [[0, 4.6]],
  Q4_1: [
    [0, 4.6, 1],
    [2, 4.6, -7.5],
  ],
  Q5_0: [[0, 9.2]],
  Q5_1: [
    [0, 9.2, 1],
    [2, 9.2, -15.5],
  ],
  IQ4_NL: [[0, 66]],
  Q4_K: [
    [0, 290, 1],
    [2, 290, 7.5],
  ],
  Q5_K: [
    [0, 580, 1],
    [2, 580, 15.5],
  ],
  Q6_K: [[208, 1380]],
  IQ4_XS: [[0, 1220]],
  Q2_K: [
    [80, 16, 1],
    [82, 16, 1.5],
  ],
  Q3_K: [[108, 37]],
};
/** n values of the type with about the given standard deviation: {bytes, values}. rnd() in [0,1), gauss() normal. */
export function randomOf(type, n, std, rnd, gauss) {
  const [, per, size] = TYPES[type],
    blocks = n / per;
  if (!Number.isInteger(blocks)) throw new Error(`${n} is no multiple of ${per}`);
  const bytes = new Uint8Array(blocks * size),
    values = new Float32Array(n),
    dv = new DataView(bytes.buffer);
  for (let k = 0; k < blocks; k++) {
    const o = k * size,
      b = bytes.subarray(o, o + size);
    if (type === 'F32') dv.setFloat32(o, gauss() * std, true);
    else if (type === 'F16') dv.setUint16(o, numToF16(gauss() * std), true);
    else if (type === 'BF16') {
      f32[0] = gauss() * std;
      dv.setUint16(o, u32[0] >>> 16, true);
    } else {
      for (let i = 0; i < size; i++) b[i] = rnd() * 256;
      const jitter = 0.8 + 0.4 * rnd();
      if (type === 'MXFP4') b[0] = Math.round(Math.log2(std / 5.5)) + 128;
      else
        for (const [at, mag, mul = 1] of SCALES[type]) dv.setUint16(o + at, numToF16((std / mag) * jitter * mul), true);
    }
    values.set(DEQUANT[type](b), k * per);
  }
  return { bytes, values };
}
