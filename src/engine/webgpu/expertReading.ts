/** One expert's matrices, from wherever the model's tensors have their bytes. */
import { bytesOf, isHere, storedExpert } from '../../model/stored.ts';
import type { LayerWeights, Model, Tensor } from '../../model/types.ts';

/** Bytes that are read at a time, so that an expert that is not urgent can let others pass. */
const PIECE = 2 ** 21;

/** Gate and up, down, and the same of their biases where there are any; as the GPU stacks them. */
function stacksOf({ gate, up, down, gateBias, upBias, downBias }: LayerWeights, expert: number): Tensor[][] {
  const all = [[gate, up], [down], ...(gateBias && upBias && downBias ? [[gateBias, upBias], [downBias]] : [])];
  return all.map((stack) => stack.map((tensor) => storedExpert(tensor, expert)));
}

/** Whether an expert can be read without the network. */
export const isOnMachine = (layer: LayerWeights, expert: number): boolean =>
  stacksOf(layer, expert).flat().every(isHere);

/** Whether some of a model's experts have still to be fetched, so that it is worth while to begin without them. */
export const isOnTheWay = ({ weights: { layers } }: Model): boolean =>
  layers.some(({ router, gate, up, down }) => router && ![gate, up, down].every(isHere));

/** An expert's matrices, as the GPU stacks them. @param turn awaited before each piece */
export const readExpert = (layer: LayerWeights, expert: number, turn?: () => Promise<void>): Promise<Tensor[][]> =>
  Promise.all(stacksOf(layer, expert).map((stack) => Promise.all(stack.map((tensor) => inPieces(tensor, turn)))));

/** The tensor in memory. @param turn awaited before each piece */
async function inPieces({ stored, ...kept }: Tensor, turn?: () => Promise<void>): Promise<Tensor> {
  if (!stored) return kept;
  const data = new Uint8Array(bytesOf(kept));
  for (let at = 0; at < data.length; at += PIECE) {
    await turn?.();
    data.set(await stored.read(at, Math.min(at + PIECE, data.length)), at);
  }
  return { ...kept, data };
}

/** The work, or the signal's reason as soon as it says so. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
