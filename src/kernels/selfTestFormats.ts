/** The self-test's cases of weights in formats that the shipped models do not have. */
import { dequantise } from '../model/dequantise.ts';
import { bytesOf } from '../model/stored.ts';
import type { Tensor, TensorType, Weights } from '../model/types.ts';
import * as linear from '../reference/linear.ts';
import { random } from '../reference/random.ts';
import { embed } from './embed.ts';
import { gemv } from './gemv.ts';
import { matmul } from './matmul.ts';
import { caseOf, type Inputs, type Own } from './selfTestInputs.ts';
import { stackRows, uploadWeights } from './weights.ts';

const MATRICES = [
  ...(['q', 'k', 'v', 'attentionGate', 'attentionOutput', 'gate', 'up', 'down'] as const),
  ...(['sharedGate', 'sharedUp', 'sharedDown'] as const),
];
const SHIPPED: ReadonlySet<TensorType> = new Set(['q4_0', 'q8_0']);
/** Whole blocks of every format. */
const COLUMNS = 256;
const ROWS = 21;
const FEW = 2;
const MANY = 17;

function formatsOf({ tokenEmbedding, output, layers }: Weights): TensorType[] {
  const matrices = [tokenEmbedding, output, ...layers.flatMap((layer) => MATRICES.map((name) => layer[name]))];
  const types = new Set(matrices.flatMap((matrix) => (matrix ? [matrix.type] : [])));
  return [...types].filter((type) => !SHIPPED.has(type)).sort();
}

/** Random blocks. Without bit 6 of a byte no half or float in them is infinite or no number. */
function randomBlocks(type: TensorType, next: () => number): Tensor {
  const shape = [COLUMNS, ROWS];
  const data = Uint8Array.from({ length: bytesOf({ type, shape }) }, () => Math.floor(256 * next()) & 0xbf);
  return { name: `random ${type}`, type, shape, data };
}

const uses: Own['uses'] = ({ weights }) => formatsOf(weights).length > 0;

/** Of each format a matrix, with the values that it stands for. */
const matricesOf = (weights: Weights, inputs: Inputs) =>
  formatsOf(weights).map((type) => {
    const tensor = randomBlocks(type, random(3));
    const weight = uploadWeights(inputs.gpu, stackRows([tensor]));
    inputs.own(weight.buffer);
    return { weight, values: Float64Array.from(dequantise(tensor)) };
  });

/** What reads them: for a token or two, for many, and as a table of embeddings. */
export const FORMATS: Record<string, Own> = {
  gemv_formats: {
    uses,
    async plan(gpu, inputs, { weights }) {
      const x = inputs.values(FEW * COLUMNS);
      const ids = [ROWS - 1, 0];
      const tokens = inputs.upload(Uint32Array.from(ids));
      const pass = inputs.pass(FEW);
      const parts = matricesOf(weights, inputs).map(({ weight, values }) => {
        const [y, rows] = [FEW * ROWS, FEW * COLUMNS].map((words) => inputs.empty(words));
        const shape = { weight, norm: null, accumulate: false, scale: 1 };
        return {
          dispatches: [
            gemv(gpu, shape, { x: x.buffer, y, pass }),
            embed(gpu, { table: weight, scale: 1 }, { tokens, x: rows, pass }),
          ],
          outputs: [
            { buffer: y, expected: linear.matmul(x.values, values, COLUMNS) },
            { buffer: rows, expected: linear.embed(values, ids, COLUMNS, 1) },
          ],
        };
      });
      const dispatches = parts.flatMap((part) => part.dispatches);
      return caseOf(FEW, dispatches, ...parts.flatMap((part) => part.outputs));
    },
  },

  matmul_formats: {
    uses,
    async plan(gpu, inputs, { weights }) {
      const x = inputs.values(MANY * COLUMNS);
      const pass = inputs.pass(MANY);
      const parts = matricesOf(weights, inputs).map(({ weight, values }) => {
        const y = inputs.empty(MANY * ROWS);
        return {
          dispatch: matmul(gpu, { weight, accumulate: false, scale: 1 }, { x: x.buffer, y, pass }),
          output: { buffer: y, expected: linear.matmul(x.values, values, COLUMNS) },
        };
      });
      const dispatches = parts.map(({ dispatch }) => dispatch);
      return caseOf(MANY, dispatches, ...parts.map(({ output }) => output));
    },
  },
};
