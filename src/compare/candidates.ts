/** What is timed: the open model's own block, or a dense twin of it, over inputs that keep the experts changing. */
import type { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { uploadBuffer } from '../gpu/buffers.ts';
import { encode, run } from '../gpu/dispatch.ts';
import { watchRefusals } from '../gpu/refusals.ts';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import { stackRows, uploadWeights } from '../kernels/weights.ts';
import { UserError } from '../model/errors.ts';
import { residentLayer } from '../model/stored.ts';
import { random, randomValues } from '../reference/random.ts';
import { type BlockBuffers, type BlockSize, createBlockBuffers } from './blockBuffers.ts';
import { type BlockWeights, type Path, planBlock, type Step } from './blockPlan.ts';
import type { SegmentName } from './contract.ts';
import type { BlockKind } from './costModel.ts';
import { checkAllThere } from './ownPass.ts';
import type { Workload } from './sampler.ts';
import { denseTwin } from './twins.ts';

/** One kind of block with its weights on the GPU, in one or more layers. */
export interface Block {
  readonly kind: BlockKind;
  readonly size: BlockSize;
  readonly layers: readonly BlockWeights[];
  readonly destroy: () => void;
}

/** A block planned for steps of so many tokens. */
export interface Candidate {
  readonly kind: BlockKind;
  readonly path: Path;
  /** One repetition goes through every layer; different inputs take turns. */
  readonly work: Workload;
  /** The same with the dispatches of one segment alone. */
  segment(name: SegmentName): Workload | null;
  readonly destroy: () => void;
}

/** Different inputs that the repeats cycle through: with one alone the same few experts would stay in the cache. */
const INPUTS = 16;
/** The residual hardly moves, so that inputs stay themselves; not 0, which a compiler might fold away. */
export const RESIDUAL_SCALE = 1e-6;

/**
 * The block of the open model as `kind`, in its first `count` layers.
 * @throws UserError out-of-memory; bad-input where not all experts are on the GPU
 */
export async function loadBlock(engine: WebGpuEngine, kind: BlockKind, count: number): Promise<Block> {
  checkAllThere(engine);
  const { gpu, model } = engine;
  const { width, experts, expertsPerToken, expertHidden, normaliseGates, rule, normEpsilon: epsilon } = model.config;
  // The first layers of some models are dense: they have nothing to compare.
  const first = model.config.denseLayers;
  const size: BlockSize = {
    ...{ width, hidden: expertHidden, experts, k: expertsPerToken, epsilon, scale: RESIDUAL_SCALE },
    rule: rule ?? { gate: 'softmax', selectionBias: false, groups: null, normalise: normaliseGates, scale: 1 },
    activation: 'swiglu',
    sharedHidden: 0,
    slabs: 1,
  };
  const own = engine.weights.layers
    .slice(first, first + count)
    .map((layer) => ({ ...layer, norm: layer.ffnNorm, shared: null }));
  if (kind === 'moe') return { kind, size, layers: own, destroy: () => {} };
  if (kind === 'all-on') return { kind, size: { ...size, k: experts }, layers: own, destroy: () => {} };
  const n = kind === 'same-active' ? expertsPerToken : experts;
  return guarded(gpu, async (owned, gpu) => {
    const layers: BlockWeights[] = [];
    for (const [index, { norm }] of own.entries()) {
      const twin = denseTwin(await residentLayer(model.weights.layers[first + index], ['gate', 'up', 'down']), n);
      const gateUp = uploadWeights(gpu, stackRows([twin.gate, twin.up]));
      const down = uploadWeights(gpu, twin.down);
      owned.push(gateUp.buffer, down.buffer);
      layers.push({ norm, router: null, gateUp, down, shared: null });
    }
    return { kind, size: { ...size, hidden: n * expertHidden, experts: 1, k: 1 }, layers };
  });
}

/** @throws UserError out-of-memory */
export function planCandidate(gpu: Gpu, block: Block, tokens: number, path: Path): Promise<Candidate> {
  const { kind, size, layers } = block;
  return guarded(gpu, async (owned, gpu) => {
    const inputs: Step[][] = [];
    let first: BlockBuffers | null = null;
    for (let input = 0; input < Math.max(2, Math.floor(INPUTS / tokens)); input++) {
      const x = noise(gpu, tokens * size.width, input);
      owned.push(x);
      const buffers: BlockBuffers = await createBlockBuffers(gpu, size, tokens, owned, first);
      first ??= buffers;
      inputs.push((await Promise.all(layers.map((layer) => planBlock(gpu, size, layer, buffers, x, path)))).flat());
    }
    checkGrids(gpu, inputs[0], tokens);
    // A segment that runs alone finds the routing of its own input, so that its experts keep changing, too.
    for (const steps of inputs) run(gpu.device, dispatchesOf(steps), tokens);
    return {
      kind,
      path,
      work: workload(inputs, tokens),
      segment: (name) => {
        const part = inputs.map((steps) => steps.filter(({ segment }) => segment === name));
        return part[0].length > 0 ? workload(part, tokens) : null;
      },
    };
  });
}

/** A dispatch of too many workgroups would be refused only when it is submitted. @throws UserError out-of-memory */
function checkGrids({ device }: Gpu, steps: readonly Step[], tokens: number): void {
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  const large = steps.find(({ dispatch }) => dispatch.grid(tokens).some((groups) => groups > most));
  if (!large) return;
  throw new UserError('out-of-memory', `“${large.dispatch.name}” takes more workgroups than a dispatch can have here.`);
}

const dispatchesOf = (steps: readonly Step[]): Dispatch[] => steps.map(({ dispatch }) => dispatch);

function workload(inputs: readonly (readonly Step[])[], tokens: number): Workload {
  const lists = inputs.map(dispatchesOf);
  return { encode: (pass, i) => encode(pass, lists[i % lists.length], tokens) };
}

/** Runs `make` on a GPU whose refusals are noted; what it owned is freed if there are any, and by destroy(). @throws UserError out-of-memory */
export async function guarded<T>(
  gpu: Gpu,
  make: (owned: GPUBuffer[], gpu: Gpu) => Promise<T>,
): Promise<T & { readonly destroy: () => void }> {
  const owned: GPUBuffer[] = [];
  const destroy = () => {
    for (const buffer of owned) buffer.destroy();
  };
  const refusals = watchRefusals(gpu);
  const made = await make(owned, refusals.gpu).then(
    (value) => ({ value }),
    (cause: unknown) => ({ cause }),
  );
  const refused = await refusals.first();
  if ('value' in made && !refused) return { ...made.value, destroy };
  destroy();
  if ('cause' in made) throw made.cause;
  throw new UserError('out-of-memory', 'The GPU has no room for what is to be compared.', 'Close other tabs.');
}

/** A residual stream of fixed noise, uniform in [−1, 1): no two inputs alike, the same for every candidate. */
function noise(gpu: Gpu, count: number, input: number): GPUBuffer {
  return uploadBuffer(gpu.device, 'input of a comparison', randomValues(count, random(input + 1)));
}
