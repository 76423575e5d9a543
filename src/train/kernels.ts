/** The kernels of a block's training step: shapes in, dispatch out. The grid of each is fixed by its shape. */
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import tilesSource from '../../shaders/lib/tiles.wgsl?raw';
import adamwSource from '../../shaders/train/adamw.wgsl?raw';
import addUpSource from '../../shaders/train/add_up.wgsl?raw';
import finishSource from '../../shaders/train/finish.wgsl?raw';
import gateSource from '../../shaders/train/gate.wgsl?raw';
import gradientSource from '../../shaders/train/gradient.wgsl?raw';
import normSource from '../../shaders/train/norm.wgsl?raw';
import normBackSource from '../../shaders/train/norm_back.wgsl?raw';
import productSource from '../../shaders/train/product.wgsl?raw';
import reduceSource from '../../shaders/train/reduce.wgsl?raw';
import routeBackSource from '../../shaders/train/route_back.wgsl?raw';
import rowsSource from '../../shaders/train/rows.wgsl?raw';
import stateSource from '../../shaders/train/state.wgsl?raw';
import storeRowsSource from '../../shaders/train/store_rows.wgsl?raw';
import swigluBackSource from '../../shaders/train/swiglu_back.wgsl?raw';
import swigluUpSource from '../../shaders/train/swiglu_up.wgsl?raw';
import { type Binding, ceilDiv, read, write } from '../kernels/kernel.ts';
import { maxTiles } from '../kernels/plan.ts';
import { TILE } from '../kernels/tiles.ts';
import type { Recipe } from '../reference/block/optimise.ts';
import type { KernelMaker } from './kernel.ts';

/** Rows of a part of a gradient; of a norm's, those of a workgroup. */
export const CHUNK = 128;
export const NORM_CHUNK = 64;
/** Rows to an invocation, in rows.wgsl. */
const ROWS = 8;

/** Makes the dispatches of one trainer. */
export type Planner = ReturnType<typeof plannerOf>;

/** How slots are grouped by expert. */
export interface Grouping {
  readonly experts: number;
  readonly k: number;
  readonly order: Binding;
  readonly offsets: Binding;
  readonly tiles: Binding;
  readonly slots: Binding;
}

/** @param tokens N, of every step. */
export function plannerOf(plan: KernelMaker, tokens: number) {
  const rows = ({ order, offsets, tiles }: Grouping, x: Binding, weights: Binding) =>
    [x, weights, order, offsets, tiles].map(read);
  const blocks = ({ experts, k }: Grouping) => maxTiles(tokens, { experts, k }) * (TILE / ROWS);

  return {
    /** y = x · w, or x · wᵀ where `transposed`, and `residual` added. Rows of x are slots', or pixels' where k slots share one. */
    product: (
      group: Grouping,
      size: { inner: number; columns: number; transposed?: boolean; ofPixels?: boolean },
      { x, weights, residual, y }: { x: Binding; weights: Binding; residual?: Binding; y: Binding },
    ) =>
      plan(
        'product',
        [tilesSource, rowsSource, productSource, storeRowsSource],
        {
          INNER: size.inner,
          COLUMNS: size.columns,
          TRANSPOSED: Number(size.transposed ?? false),
          SHARED: size.ofPixels ? group.k : 1,
          RESIDUAL: Number(residual !== undefined),
          TILE,
        },
        [...rows(group, x, weights), read(residual ?? x), write(y)],
        (blocks(group) * size.columns) / 4,
      ),

    swigluUp: (
      group: Grouping,
      { width, hidden }: { width: number; hidden: number },
      { h, weights, gateUp, active }: { h: Binding; weights: Binding; gateUp: Binding; active: Binding },
    ) =>
      plan(
        'swiglu_up',
        [tilesSource, rowsSource, swigluUpSource],
        { INNER: width, COLUMNS: 2 * hidden, SHARED: group.k, TILE },
        [...rows(group, h, weights), write(gateUp), write(active)],
        (blocks(group) * hidden) / 4,
      ),

    swigluBack: (
      group: Grouping,
      { width, hidden }: { width: number; hidden: number },
      { dx, weights, gateUp, dGateUp }: { dx: Binding; weights: Binding; gateUp: Binding; dGateUp: Binding },
    ) =>
      plan(
        'swiglu_back',
        [tilesSource, slotSource, rowsSource, swigluBackSource, storeRowsSource],
        { INNER: width, COLUMNS: hidden, TRANSPOSED: 1, SHARED: group.k, TILE },
        [...rows(group, dx, weights), read(group.slots), read(gateUp), write(dGateUp)],
        (blocks(group) * hidden) / 4,
      ),

    /** Parts of the gradient of a matrix [in, out]; `weighted`: dy, a pixel's, is scaled by each slot's weight. */
    gradient: (
      group: Grouping,
      size: { inner: number; outer: number; xOfPixels?: boolean; weighted?: boolean },
      { x, dy, parts }: { x: Binding; dy: Binding; parts: Binding },
    ) =>
      plan(
        'gradient',
        [slotSource, gradientSource],
        {
          IN: size.inner,
          OUT: size.outer,
          EXPERTS: group.experts,
          CHUNK,
          SHARED_X: size.xOfPixels ? group.k : 1,
          SHARED_DY: size.weighted ? group.k : 1,
          WEIGHTED: Number(size.weighted ?? false),
        },
        [...[x, dy, group.slots, group.order, group.offsets].map(read), write(parts)],
        mostChunks(tokens, group) * ceilDiv(size.inner, 8) * (size.outer / 4),
      ),

    gate: (
      sizes: { experts: number; gates: number; k: number },
      { bias, off, scores, slots }: { bias: Binding; off: Binding; scores: Binding; slots: Binding },
    ) =>
      plan(
        'gate',
        [slotSource, gateSource],
        { EXPERTS: sizes.experts, GATES: sizes.gates, CHOSEN: sizes.k },
        [read(bias), read(off), write(scores), write(slots)],
        tokens,
      ),

    routeBack: (
      sizes: { width: number; experts: number; gates: number; k: number },
      from: { dx: Binding; y: Binding; probabilities: Binding; slots: Binding; offsets: Binding; state: Binding },
      dLogits: Binding,
    ) =>
      plan(
        'route_back',
        [slotSource, stateSource, routeBackSource],
        { WIDTH: sizes.width, EXPERTS: sizes.experts, GATES: sizes.gates, CHOSEN: sizes.k },
        [...[from.dx, from.y, from.probabilities, from.slots, from.offsets, from.state].map(read), write(dLogits)],
        tokens,
      ),

    norm: (
      { width, epsilon }: { width: number; epsilon: number },
      { x, weight, h, factor }: { x: Binding; weight: Binding; h: Binding; factor: Binding },
    ) =>
      plan(
        'norm',
        [normSource],
        { WIDTH: width, EPSILON: epsilon },
        [read(x), read(weight), write(h), write(factor)],
        tokens,
      ),

    /** `routed` and `residual` may be null: then nothing of the kind is added. */
    normBack: (
      { width, k }: { width: number; k: number },
      from: {
        dy: Binding;
        routed: Binding | null;
        x: Binding;
        factor: Binding;
        weight: Binding;
        residual: Binding | null;
      },
      { dx, parts }: { dx: Binding; parts: Binding },
    ) =>
      plan(
        'norm_back',
        [normBackSource],
        { WIDTH: width, CHOSEN: k, ROUTED: Number(from.routed !== null), RESIDUAL: Number(from.residual !== null) },
        [
          ...[from.dy, from.routed ?? from.x, from.x, from.factor, from.weight, from.residual ?? from.x].map(read),
          write(dx),
          write(parts),
        ],
        tokens,
      ),

    addUp: (
      { width, k }: { width: number; k: number },
      { x, y, slots, sum }: { x: Binding; y: Binding; slots: Binding; sum: Binding },
    ) =>
      plan(
        'add_up',
        [slotSource, addUpSource],
        { WIDTH: width, CHOSEN: k },
        [read(x), read(y), read(slots), write(sum)],
        (tokens * width) / 4,
      ),

    reduce: (
      { tensors: count, quads }: { tensors: number; quads: number },
      {
        tensors,
        parts,
        offsets,
        gradient,
        squares,
      }: Record<'tensors' | 'parts' | 'offsets' | 'gradient' | 'squares', Binding>,
    ) =>
      plan(
        'reduce',
        [reduceSource],
        { TENSORS: count, QUADS: quads },
        [read(tensors), read(parts), read(offsets), write(gradient), write(squares)],
        quads,
      ),

    finish: (
      sizes: { quads: number; routers: number; experts: number; stride: number; ring: number },
      from: Record<'squares' | 'losses' | 'offsets' | 'state', Binding>,
      to: Record<'bias' | 'outcome' | 'statistics', Binding>,
    ) =>
      plan(
        'finish',
        [stateSource, finishSource],
        {
          QUADS: sizes.quads,
          ROUTERS: sizes.routers,
          EXPERTS: sizes.experts,
          STRIDE: sizes.stride,
          RING: sizes.ring,
        },
        [
          ...[from.squares, from.losses, from.offsets, from.state].map(read),
          ...[to.bias, to.outcome, to.statistics].map(write),
        ],
        1,
      ),

    adamw: (
      { quads, decaysFrom }: { quads: number; decaysFrom: number },
      { beta1, beta2, weightDecay }: Recipe,
      from: Record<'gradient' | 'outcome' | 'state', Binding>,
      to: Record<'weights' | 'first' | 'second' | 'average', Binding>,
    ) =>
      plan(
        'adamw',
        [stateSource, adamwSource],
        { QUADS: quads, BETA1: beta1, BETA2: beta2, DECAY: weightDecay, DECAYS_FROM: decaysFrom / 4 },
        [
          ...[from.gradient, from.outcome, from.state].map(read),
          ...[to.weights, to.first, to.second, to.average].map(write),
        ],
        quads,
      ),
  };
}

/** Parts that a gradient over N·k slots of E experts can have. */
export const mostChunks = (tokens: number, { experts, k }: { experts: number; k: number }): number =>
  ceilDiv(tokens * k, CHUNK) + Math.min(experts, tokens * k);
