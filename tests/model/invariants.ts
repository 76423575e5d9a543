/** What has to hold for any bytes at all; for tests that mutate files. */
import { dequantise } from '../../src/model/dequantise.ts';
import { UserError } from '../../src/model/errors.ts';
import { loadModel } from '../../src/model/load.ts';
import type { Model, Tensor } from '../../src/model/types.ts';

const isNumber = (value: unknown) => typeof value !== 'number' || Number.isFinite(value);

/** A model from bytes that nobody trusts, or null where they are refused. @throws Error on what no file may bring about. */
export function loadUntrusted(bytes: Uint8Array): Model | null {
  let model: Model;
  try {
    model = loadModel(bytes);
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error('the loader failed by itself', { cause: error });
    if (!/^[A-Z].*\.$/su.test(error.message)) throw new Error(`no sentence: ${error.message}`);
    return null;
  }
  const odd = Object.entries({ ...model.config, ...model.config.parameters }).find(([, value]) => !isNumber(value));
  if (odd) throw new Error(`the config has ${odd[0]} = ${odd[1]}`);
  const said = model.warnings.some((words) => words.includes('NaN or infinite'));
  if (said === tensorsOf(model).every((tensor) => dequantise(tensor).every(Number.isFinite)))
    throw new Error(said ? 'a warning about weights that are sound' : 'weights that are no numbers, and no warning');
  return model;
}

function tensorsOf({ weights }: Model): Tensor[] {
  const layers = weights.layers.flatMap((layer) => Object.values(layer) as (Tensor | null)[]);
  return [weights.tokenEmbedding, weights.output, weights.outputNorm, ...layers].filter((tensor) => tensor !== null);
}
