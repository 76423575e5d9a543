/** A GGUF file's bytes → Model: config, tokenizer, and every tensor in its place. */
import { ARCHITECTURES } from './architectures.ts';
import { readChat } from './chat.ts';
import { readConfig } from './config.ts';
import { UserError } from './errors.ts';
import { type GgufHeader, parseGguf } from './gguf.ts';
import { blocksOf } from './layerKinds.ts';
import { Metadata } from './metadata.ts';
import { nonFiniteWarning } from './nonFinite.ts';
import { padModel } from './padding.ts';
import { readTensors } from './placing.ts';
import { readFiles } from './reading.ts';
import type { ByteSource } from './source.ts';
import { takeLayer } from './takeLayer.ts';
import { TensorBin } from './tensorBin.ts';
import { readTokenizer } from './tokenizer.ts';
import type { Model, ModelConfig, Tensor, Tokenizer, Weights } from './types.ts';

const values = (tensor: Tensor): number => tensor.shape.reduce((product, n) => product * n, 1);

/** Stored parameters, and those one token multiplies with: K of E experts, the embedding once, as LM head. */
function countParameters(weights: Weights, K: number, E: number): ModelConfig['parameters'] {
  let total = values(weights.outputNorm) + values(weights.output);
  let active = total;
  if (weights.output !== weights.tokenEmbedding) total += values(weights.tokenEmbedding);
  // A tensor that serves twice is stored once, and used twice by one product.
  const count = (tensors: readonly (Tensor | null)[]) =>
    [...new Set(tensors)].reduce((sum, tensor) => sum + (tensor ? values(tensor) : 0), 0);
  for (const { gate, up, down, gateBias, upBias, downBias, latent, ...shared } of weights.layers) {
    const every = count(Object.values(shared)) + count(Object.values(latent ?? {}));
    const experts = count([gate, up, down, gateBias, upBias, downBias]);
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

type Config = Omit<ModelConfig, 'parameters'>;

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
  return assemble(header, () => tensors, bytes);
}

/** The router's rule, where the tensors have a bias that only chooses. */
function withSelection<T extends Pick<ModelConfig, 'rule' | 'normaliseGates'>>(config: T, { layers }: Weights): T {
  if (!layers.some(({ selection }) => selection)) return config;
  const plain = { gate: 'softmax', groups: null, normalise: config.normaliseGates, scale: 1 } as const;
  return { ...config, rule: { ...plain, ...config.rule, selectionBias: true } };
}

/** Factors for all contexts, or for those within that of the training, or beyond it. */
function takeFactors(
  bin: TensorBin,
  metadata: Metadata,
  { architecture, contextLength, ropeDim }: Config,
): Tensor | null {
  if (ARCHITECTURES[architecture].ropeFactors === 'one') return bin.take('rope_freqs.weight', [ropeDim / 2]);
  const trained = metadata.whole(
    `${architecture}.rope.scaling.original_context_length`,
    metadata.whole(`${architecture}.context_length`),
  );
  const [short, long] = ['short', 'long'].map((kind) => {
    const name = `rope_factors_${kind}.weight`;
    return bin.has(name) ? bin.take(name, [ropeDim / 2]) : null;
  });
  return contextLength > trained ? long : short;
}

function assemble(file: GgufHeader, tensorsOf: () => ReadonlyMap<string, Tensor>, bytes: number): Model {
  const metadata = new Metadata(file.metadata);
  const read = readConfig(metadata);
  const tokenizer = readTokenizer(metadata);
  const tensors = tensorsOf();
  const streamed = [...tensors.values()].some(({ stored }) => stored);
  const bin = new TensorBin(tensors);
  const traits = ARCHITECTURES[read.architecture];
  const sharedHidden =
    traits.shared !== 'none' ? bin.rows(`blk.${read.denseLayers}.ffn_gate${read.besides ? '' : '_shexp'}.weight`) : 0;
  // Which of RoPE's factors hold hangs on the context that is made room for.
  const contextLength = streamed ? Math.min(read.contextLength, LONGEST) : read.contextLength;
  const config = { ...read, contextLength, sharedHidden };
  const { width: D, vocabulary: V } = config;
  const tokenEmbedding = bin.take('token_embd.weight', [D, V]);
  if (config.layers > file.infos.length)
    throw new UserError('bad-file', `The file has no tensors for its ${config.layers} layers.`);
  const weights: Weights = {
    tokenEmbedding,
    layers: Array.from({ length: config.layers }, (_, layer) => takeLayer(bin, layer, config)),
    outputNorm: bin.take(`${traits.outputNorm}.weight`, [D]),
    output: bin.has('output.weight') ? bin.take('output.weight', [D, V]) : tokenEmbedding,
    outputNormBias: traits.normBias ? bin.take(`${traits.outputNorm}.bias`, [D]) : null,
    outputBias: traits.normBias ? bin.take('output.bias', [V]) : null,
    ropeFactors: traits.ropeFactors !== 'none' ? takeFactors(bin, metadata, config) : null,
  };
  bin.dropLayers(config.layers, blocksOf(metadata, config.architecture).blocks);
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
