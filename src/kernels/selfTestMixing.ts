/** The self-test's cases of what only some models mix tokens with: convolutions, latent vectors, other rotations. */
import * as latentTwin from '../reference/latent.ts';
import { convolution } from './convolution.ts';
import { headProduct } from './headProduct.ts';
import { latentAttention } from './latentAttention.ts';
import { latentRope } from './latentRope.ts';
import { ropeTable } from './rope.ts';
import { attentionCase, D, ropeCase } from './selfTestCases.ts';
import { caseOf, type Own } from './selfTestInputs.ts';

const LATENT = { heads: 3, rank: 36, plain: 32, turned: 12, contextLength: 80 };
const ROW = LATENT.rank + LATENT.turned;

export const MIXING: Record<string, Own> = {
  rotation: {
    uses: ({ config: { latent, ropeStyle, qkNorm, normsValues } }) =>
      !latent && (ropeStyle !== 'half' || qkNorm !== 'head' || normsValues),
    plan: (gpu, inputs, { config }) => ropeCase(config)(gpu, inputs),
  },

  attention_within: {
    uses: ({ config }, has) => config.window !== null || has('sinks'),
    plan: (gpu, inputs, { config }, has) => attentionCase(config.window ? 67 : undefined, has('sinks'))(gpu, inputs),
  },

  convolution: {
    uses: ({ config }) => config.convolutions.length > 0,
    async plan(gpu, inputs) {
      const [proj, taps, before] = [3 * 3 * D, 3 * D, 8 * D].map((count) => inputs.values(count));
      const y = inputs.empty(3 * D);
      // Eight rows of a longer text's history.
      const history = before.values.slice();
      const row = (position: number) => (position % 8) * D;
      const part = (which: number, t: number, channel: number) => proj.values[(3 * t + which) * D + channel];
      const expected = new Float64Array(3 * D);
      for (let t = 0; t < 3; t++) {
        for (let c = 0; c < D; c++) {
          history[row(14 + t) + c] = part(0, t, c) * part(2, t, c);
          for (let tap = 0; tap < 3; tap++)
            expected[t * D + c] += part(1, t, c) * taps.values[3 * c + tap] * history[row(12 + t + tap) + c];
        }
      }
      const buffers = { proj: proj.buffer, taps: taps.buffer, history: before.buffer, y, pass: inputs.pass(3, 14) };
      return caseOf(
        3,
        [convolution(gpu, { width: D, taps: 3, contextLength: 80, ring: 8 }, buffers)],
        { buffer: y, expected },
        { buffer: before.buffer, expected: history },
      );
    },
  },

  latent_rope: {
    uses: ({ config }) => config.latent !== null,
    async plan(gpu, inputs) {
      const { heads, rank, plain, turned } = LATENT;
      const sizes = [3 * heads * (plain + turned), 3 * ROW, rank];
      const [q, kept, norm] = sizes.map((count) => inputs.values(count));
      const [query, kvCache] = [inputs.empty(3 * heads * ROW), inputs.empty(80 * ROW)];
      const twin = { ...LATENT, ropeBase: 10000, epsilon: 1e-6 };
      const { rows, queries } = latentTwin.latentRope(twin, q.values, kept.values, norm.values, 9);
      const expected = new Float64Array(3 * heads * ROW);
      for (let head = 0; head < 3 * heads; head++)
        expected.set(queries.subarray(head * turned, (head + 1) * turned), head * ROW + rank);
      const rotations = inputs.own(ropeTable(gpu, { headDim: turned, ropeBase: 10000, contextLength: 80 }));
      const buffers = { q: q.buffer, kept: kept.buffer, normWeight: norm.buffer, rotations, query, kvCache };
      return caseOf(
        3,
        [latentRope(gpu, { ...LATENT, epsilon: 1e-6 }, { ...buffers, pass: inputs.pass(3, 9) })],
        { buffer: query, expected },
        { buffer: kvCache, first: 9 * ROW, expected: rows },
      );
    },
  },

  head_product: {
    uses: ({ config }) => config.latent !== null,
    async plan(gpu, inputs) {
      const { heads, rank, plain } = LATENT;
      const { weight, parts } = inputs.matrix('q8_0', [plain, rank, heads]);
      const [x, y] = [inputs.values(3 * heads * plain), inputs.empty(3 * heads * rank)];
      const expected = latentTwin.headProduct(x.values, parts[0], heads, plain);
      const shape = { weight, xStride: plain, yStride: rank };
      return caseOf(3, [headProduct(gpu, shape, { x: x.buffer, y, pass: inputs.pass(3) })], { buffer: y, expected });
    },
  },

  attention_latent: {
    uses: ({ config }) => config.latent !== null,
    async plan(gpu, inputs) {
      const { heads, rank } = LATENT;
      const [query, kvCache] = [3 * heads, 80].map((rows) => inputs.values(rows * ROW));
      const y = inputs.empty(3 * heads * rank);
      const shape = { ...LATENT, scale: 0.5 };
      const expected = latentTwin.latentAttention(shape, query.values, kvCache.values, 70);
      const buffers = { query: query.buffer, kvCache: kvCache.buffer, y, pass: inputs.pass(3, 70) };
      return caseOf(3, [latentAttention(gpu, shape, buffers)], { buffer: y, expected });
    },
  },
};
