/** A GGUF file's bytes → Model: config, tokenizer, and every tensor in its place. */
import { ARCHITECTURES } from './architectures.ts';
import { readChat } from './chat.ts';
import { readConfig } from './config.ts';
import { UserError } from './errors.ts';
import { type GgufHeader, parseGguf, quote, readTensors } from './gguf.ts';
import { Metadata } from './metadata.ts';
import { nonFiniteWarning } from './nonFinite.ts';
import { padModel } from './padding.ts';
import { readFiles } from './reading.ts';
import type { ByteSource } from './source.ts';
import { partOf } from './stored.ts';
import { readTokenizer } from './tokenizer.ts';
import type { LayerWeights, Model, ModelConfig, Tensor, Tokenizer, Weights } from './types.ts';

/** Hands out tensors by name and shape, and knows which nobody asked for. */
class TensorBin {
  readonly #left: Map<string, Tensor>;

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#left = new Map(tensors);
  }

  /** Rows of a matrix that may be there. */
  rows(name: string): number {
    return this.#left.get(name)?.shape[1] ?? 0;
  }

  columns(name: string): number {
    return this.#left.get(name)?.shape[0] ?? 0;
  }

  has(name: string): boolean {
    return this.#left.has(name);
  }

  /** The tensor of that name; its shape has to be `shape` (trailing ones aside). */
  take(name: string, shape: readonly number[]): Tensor {
    const tensor = this.#left.get(name);
    if (!tensor)
      throw new UserError(
        'bad-file',
        `The file lacks the tensor ${quote(name)}.`,
        'Export it again with a current converter.',
      );
    if (trim(tensor.shape) !== trim(shape)) {
      throw new UserError(
        'bad-file',
        `Tensor ${quote(name)} has shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}].`,
      );
    }
    this.#left.delete(name);
    return { ...tensor, shape };
  }

  /** A tensor nobody asked for would be ignored silently, and the results wrong: so it is refused. */
  assertEmpty(architecture: string): void {
    const [name] = this.#left.keys();
    if (name === undefined) return;
    throw new UserError(
      'unsupported-model',
      `The file carries the tensor ${quote(name)}, which ${architecture} has no use for here.`,
    );
  }
}

const trim = (shape: readonly number[]): string => {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return shape.slice(0, length).join('×');
};

/** q, k and v, also where a file has them as one matrix. */
function takeProjections(bin: TensorBin, layer: number, D: number, rows: readonly [number, number, number]): Tensor[] {
  const fused = `blk.${layer}.attn_qkv.weight`;
  const names = ['q', 'k', 'v'].map((part) => `blk.${layer}.attn_${part}.weight`);
  if (!bin.has(fused)) return names.map((name, i) => bin.take(name, [D, rows[i]]));
  const all = rows[0] + rows[1] + rows[2];
  const tensor = bin.take(fused, [D, all]);
  let end = 0;
  return names.map((name, i) => {
    const start = end;
    end += rows[i];
    return { ...partOf(tensor, start / all, end / all), name, shape: [D, rows[i]] };
  });
}

/** B, C and X of a layer that mixes by a convolution: one matrix in the file. */
function takeThirds(bin: TensorBin, layer: number, D: number): Tensor[] {
  const tensor = bin.take(`blk.${layer}.shortconv.in_proj.weight`, [D, 3 * D]);
  return ['B', 'C', 'X'].map((part, i) => ({
    ...partOf(tensor, i / 3, (i + 1) / 3),
    name: `${tensor.name} (${part})`,
    shape: [D, D],
  }));
}

/** What is added to q, k and v, where a file has it: apart, or as one. */
function takeBiases(bin: TensorBin, layer: number, rows: readonly [number, number, number]): (Tensor | null)[] {
  const fused = `blk.${layer}.attn_qkv.bias`;
  const names = ['q', 'k', 'v'].map((part) => `blk.${layer}.attn_${part}.bias`);
  if (bin.has(fused)) {
    const all = rows[0] + rows[1] + rows[2];
    const tensor = bin.take(fused, [all]);
    const ends = [0, rows[0], rows[0] + rows[1], all];
    return names.map((name, i) => ({ ...partOf(tensor, ends[i] / all, ends[i + 1] / all), name, shape: [rows[i]] }));
  }
  return names.some((name) => bin.has(name)) ? names.map((name, i) => bin.take(name, [rows[i]])) : [null, null, null];
}

function takeLayer(bin: TensorBin, layer: number, config: Omit<ModelConfig, 'parameters'>): LayerWeights {
  const { width: D, headDim, experts: E, expertHidden: H } = config;
  const qWidth = config.heads * headDim;
  const kvWidth = config.kvHeads * headDim;
  const take = (name: string, ...shape: number[]) => bin.take(`blk.${layer}.${name}.weight`, shape);
  const routed = ARCHITECTURES[config.architecture].sparse;
  const sparse = routed && layer >= config.denseLayers;
  const [experts, hidden] = routed && !sparse ? [1, config.denseHidden] : [E, H];
  const suffix = sparse ? '_exps' : '';
  const normed = config.qkNorm !== 'none' && !config.convolutions.includes(layer);
  const mixes = config.convolutions.includes(layer);
  const [q, k, v] = mixes ? takeThirds(bin, layer, D) : takeProjections(bin, layer, D, [qWidth, kvWidth, kvWidth]);
  const bias = takeBiases(bin, layer, [qWidth, kvWidth, kvWidth]);
  const maybe = (there: boolean, name: string, ...shape: number[]) => (there ? take(name, ...shape) : null);
  const S = sparse ? config.sharedHidden : 0;
  const { selection, shared } = ARCHITECTURES[config.architecture];
  const chooses = `blk.${layer}.exp_probs_b.bias`;
  return {
    attentionNorm: take('attn_norm', D),
    q,
    k,
    v,
    qBias: bias[0],
    kBias: bias[1],
    vBias: bias[2],
    qNorm: normed ? take('attn_q_norm', config.qkNorm === 'head' ? headDim : qWidth) : null,
    kNorm: normed ? take('attn_k_norm', config.qkNorm === 'head' ? headDim : kvWidth) : null,
    attentionOutput: mixes ? take('shortconv.out_proj', D, D) : take('attn_output', qWidth, D),
    convolution: mixes ? take('shortconv.conv', bin.columns(`blk.${layer}.shortconv.conv.weight`), D) : null,
    ffnNorm: take('ffn_norm', D),
    router: sparse ? take('ffn_gate_inp', D, E) : null,
    selection: sparse && selection && bin.has(chooses) ? bin.take(chooses, [E]) : null,
    gate: take(`ffn_gate${suffix}`, D, hidden, experts),
    up: take(`ffn_up${suffix}`, D, hidden, experts),
    down: take(`ffn_down${suffix}`, hidden, D, experts),
    sharedGate: maybe(S > 0, 'ffn_gate_shexp', D, S),
    sharedUp: maybe(S > 0, 'ffn_up_shexp', D, S),
    sharedDown: maybe(S > 0, 'ffn_down_shexp', S, D),
    sharedScale: maybe(S > 0 && shared === 'gated', 'ffn_gate_inp_shexp', D),
  };
}

const values = (tensor: Tensor): number => tensor.shape.reduce((product, n) => product * n, 1);

/** Stored parameters, and those one token multiplies with: K of E experts, the embedding once, as LM head. */
function countParameters(weights: Weights, K: number, E: number): ModelConfig['parameters'] {
  let total = values(weights.outputNorm) + values(weights.output);
  let active = total;
  if (weights.output !== weights.tokenEmbedding) total += values(weights.tokenEmbedding);
  for (const { gate, up, down, ...shared } of weights.layers) {
    const every = Object.values(shared).reduce((sum, tensor) => sum + (tensor ? values(tensor) : 0), 0);
    const experts = values(gate) + values(up) + values(down);
    total += every + experts;
    active += every + (shared.router ? (experts / E) * K : experts);
  }
  return { total, active };
}

const lostBytes = ({ missingBytes }: Tokenizer): string | null =>
  missingBytes === 0
    ? null
    : `The vocabulary of this file has no tokens for ${missingBytes} bytes that texts are made of, so characters with them are left out.`;

/**
 * Reads a model. The tensors stay views of `bytes`, in the file's own formats.
 * Throws UserError('bad-file') for a damaged or contradictory file and UserError('unsupported-model') for a sound one
 * that the engines cannot run.
 */
export function loadModel(bytes: Uint8Array): Model {
  const file = parseGguf(bytes);
  return assemble(file, () => readTensors(file), bytes.length);
}

/** Files up to this size are read at once. */
const AT_ONCE = 2 ** 27;
/** Positions that a large model's cache of keys and values is made for. */
const LONGEST = 4096;

/**
 * Reads a model from wherever it lies, in one file or in all its parts. Of a large one only the header: its tensors are read
 * when an engine takes them.
 * Throws as loadModel() does, and what the source throws.
 */
export async function openModel(from: ByteSource | readonly ByteSource[], atOnce = AT_ONCE): Promise<Model> {
  const sources = 'read' in from ? [from] : from;
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  if (bytes <= atOnce && sources.length === 1) return loadModel(await sources[0].read(0, bytes));
  const { header, tensors } = await readFiles(sources, bytes <= atOnce);
  const model = assemble(header, () => tensors, bytes);
  if (!model.streamed) return model;
  const contextLength = Math.min(model.config.contextLength, LONGEST);
  return { ...model, config: { ...model.config, contextLength } };
}

/** The router's rule, where the tensors have a bias that only chooses. */
function withSelection<T extends Pick<ModelConfig, 'rule' | 'normaliseGates'>>(config: T, { layers }: Weights): T {
  if (!layers.some(({ selection }) => selection)) return config;
  const plain = { gate: 'softmax', groups: null, normalise: config.normaliseGates, scale: 1 } as const;
  return { ...config, rule: { ...plain, ...config.rule, selectionBias: true } };
}

function assemble(file: GgufHeader, tensorsOf: () => ReadonlyMap<string, Tensor>, bytes: number): Model {
  const metadata = new Metadata(file.metadata);
  const read = readConfig(metadata);
  const tokenizer = readTokenizer(metadata);
  const tensors = tensorsOf();
  const streamed = [...tensors.values()].some(({ stored }) => stored);
  const bin = new TensorBin(tensors);
  const shared = ARCHITECTURES[read.architecture].shared !== 'none';
  const sharedHidden = shared ? bin.rows(`blk.${read.denseLayers}.ffn_gate_shexp.weight`) : 0;
  const config = { ...read, sharedHidden };
  const { width: D, vocabulary: V } = config;
  const tokenEmbedding = bin.take('token_embd.weight', [D, V]);
  if (config.layers > file.infos.length)
    throw new UserError('bad-file', `The file has no tensors for its ${config.layers} layers.`);
  const weights: Weights = {
    tokenEmbedding,
    layers: Array.from({ length: config.layers }, (_, layer) => takeLayer(bin, layer, config)),
    outputNorm: bin.take(`${ARCHITECTURES[config.architecture].outputNorm}.weight`, [D]),
    output: bin.has('output.weight') ? bin.take('output.weight', [D, V]) : tokenEmbedding,
  };
  bin.assertEmpty(config.architecture);
  const parameters = countParameters(weights, config.expertsPerToken, config.experts);
  const padded = padModel(withSelection(config, weights), weights, streamed);
  const warnings = [lostBytes(tokenizer), streamed ? null : nonFiniteWarning(tensors.values())].filter(
    (words) => words !== null,
  );
  return {
    config: { ...padded.config, parameters },
    ...{ tokenizer, weights: padded.weights, chat: readChat(metadata), bytes, streamed, warnings },
  };
}
