/** The dispatches of the character model, forward and backward, in order. */
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { EPSILON } from '../../reference/block/forward.ts';
import { type Tensor, tensorOf } from '../../reference/block/layout.ts';
import { TEXT_RECIPE } from '../../reference/block/optimise.ts';
import type { TextShape } from '../../reference/text/shape.ts';
import { type Parameters, tensorIn } from '../block/memory.ts';
import {
  planBlock,
  planBlockBack,
  planHead,
  planHeadBack,
  planOptimiser,
  type Source,
  tensorsIn,
} from '../block/passes.ts';
import { kernelMaker } from '../kernel.ts';
import { type Planner, plannerOf } from '../kernels.ts';
import { type TextPlanner, textPlanner } from './kernels.ts';
import type { TextActivations, TextMemory } from './memory.ts';

type Kernels = Planner & TextPlanner;

/** @param rows N, of every pass. */
export function textKernels(gpu: Gpu, pass: GPUBuffer, rows: number, shape: TextShape): Kernels {
  const make = kernelMaker(gpu, pass);
  return { ...plannerOf(make, rows), ...textPlanner(make, rows, shape) };
}

/** From the characters to the logits. */
export function planTextForward(
  gpu: Gpu,
  kernels: Kernels,
  memory: Parameters & TextActivations,
  shape: TextShape,
  source: Source,
): Promise<Dispatch[]> {
  const { width, layers } = shape;
  const bound = tensorsIn(memory.layout, source.weights);
  const dispatches = [
    kernels.embed({ ids: memory.ids, embedding: bound('embedding'), position: bound('position'), x: memory.x[0] }),
  ];
  for (let layer = 0; layer < layers; layer++) {
    const [x, h, factor] = [memory.x[layer], memory.seen[layer], memory.seenFactor[layer]];
    const [qkv, taken, middle] = [memory.qkv[layer], memory.taken[layer], memory.middle[layer]];
    dispatches.push(
      kernels.norm({ width, epsilon: EPSILON }, { x, weight: bound('attention norm', layer), h, factor }),
      kernels.product(
        memory.whole,
        { inner: width, columns: 3 * width },
        { x: h, weights: bound('qkv', layer), y: qkv },
      ),
      kernels.causal({ qkv, taken, normalisers: memory.normalisers[layer] }),
      kernels.product(
        memory.whole,
        { inner: width, columns: width },
        { x: taken, weights: bound('mix', layer), residual: x, y: middle },
      ),
      ...planBlock(gpu, kernels, memory, shape, layer, source, { x: middle, read: null, to: memory.x[layer + 1] }),
    );
  }
  const columns = tensorOf(memory.layout, 'out')!.columns;
  dispatches.push(...planHead(kernels, memory, shape, source, { columns, y: memory.logits }));
  return Promise.all(dispatches);
}

/** From the loss to the moved weights. */
export function planTextBackward(kernels: Kernels, memory: TextMemory, shape: TextShape): Promise<Dispatch[]> {
  const { layout, partsOf } = memory;
  const [one, other] = memory.dx;
  const columns = tensorOf(layout, 'out')!.columns;
  const dispatches = [
    kernels.crossEntropy(memory),
    ...planHeadBack(kernels, memory, shape, { columns, dy: memory.logits, dx: one }),
  ];
  for (let layer = shape.layers - 1; layer >= 0; layer--) {
    const ends = { x: memory.middle[layer], read: null, dOut: one, dIn: other };
    dispatches.push(
      ...planBlockBack(kernels, memory, shape, layer, ends),
      ...planAttentionBack(kernels, memory, shape, layer, other, one),
    );
  }
  dispatches.push(
    kernels.embedBack(
      { ids: memory.ids, dx: one },
      {
        characters: partsOf(tensorOf(layout, 'embedding')!),
        places: partsOf(tensorOf(layout, 'position')!),
      },
    ),
    ...planOptimiser(kernels, memory, shape, TEXT_RECIPE),
  );
  return Promise.all(dispatches);
}

function planAttentionBack(
  kernels: Kernels,
  memory: TextMemory,
  { width }: TextShape,
  layer: number,
  dOut: GPUBuffer,
  dIn: GPUBuffer,
): Promise<Dispatch>[] {
  const { layout, partsOf, whole, weights, dh, dQkv } = memory;
  const tensor = (kind: Tensor['kind']) => tensorOf(layout, kind, layer)!;
  const [mix, qkv, norm] = [tensor('mix'), tensor('qkv'), tensor('attention norm')];
  const taken = memory.taken[layer];
  return [
    kernels.gradient(whole, { inner: width, outer: width }, { x: taken, dy: dOut, parts: partsOf(mix) }),
    kernels.product(
      whole,
      { inner: width, columns: width, transposed: true },
      { x: dOut, weights: tensorIn(weights, mix), y: dh },
    ),
    kernels.causalBack({ qkv: memory.qkv[layer], taken, dTaken: dh, normalisers: memory.normalisers[layer] }, dQkv),
    kernels.gradient(
      whole,
      { inner: width, outer: 3 * width },
      { x: memory.seen[layer], dy: dQkv, parts: partsOf(qkv) },
    ),
    kernels.product(
      whole,
      { inner: 3 * width, columns: width, transposed: true },
      { x: dQkv, weights: tensorIn(weights, qkv), y: dh },
    ),
    kernels.normBack(
      { width, k: 1 },
      {
        ...{ dy: dh, routed: null, residual: dOut },
        ...{ x: memory.x[layer], factor: memory.seenFactor[layer], weight: tensorIn(weights, norm) },
      },
      { dx: dIn, parts: partsOf(norm) },
    ),
  ];
}
