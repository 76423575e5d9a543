import expertsAll from '../../shaders/lib/experts_all.wgsl?raw';
import expertsCached from '../../shaders/lib/experts_cached.wgsl?raw';
import hashSource from '../../shaders/lib/hash.wgsl?raw';
import slotSource from '../../shaders/lib/slot.wgsl?raw';
import source from '../../shaders/route.wgsl?raw';
import type { Dispatch, Gpu } from '../gpu/types.ts';
import type { GateRule } from '../reference/gate.ts';
import { type FrozenSlots, NO_EXPERT, type RouterControl } from '../reference/route.ts';
import { type Binding, planKernel, read, WORKGROUP, write } from './kernel.ts';

export interface RouteShape {
  readonly width: number;
  readonly experts: number;
  /** S: places for experts per token, at least every k that will be asked for. */
  readonly slots: number;
  /** Gate weights are divided by their sum (at least 2⁻¹⁴, as in llama.cpp). */
  readonly normaliseGates: boolean;
  /** Where the model has a rule of its own; it says, too, what is normalised. */
  readonly rule?: GateRule;
  /** Of the RMSNorm; null: there is none, and h = x · normWeight. */
  readonly epsilon: number | null;
  /** Slots name the entries that the control's table gives; the first layer that lacks an expert stops the pass. */
  readonly cached?: boolean;
}

export interface RouteBuffers {
  readonly x: Binding;
  readonly normWeight: Binding;
  readonly router: Binding;
  /** What controlWords() has written. */
  readonly control: Binding;
  readonly h: Binding;
  readonly slots: Binding;
  readonly trace: Binding;
  readonly pass: Binding;
}

/** Experts of a layer, and so slots of a token, at most. */
export const MAX_EXPERTS = 512;

/**
 * Of a workgroup where barriers are dear: on SwiftShader one subgroup, which waits for nobody. Routing 128 tokens then takes
 * a quarter of the time.
 */
const FEW_INVOCATIONS = 4;

/** Bytes of T tokens' slots {expert: u32, weight: f32}. */
export const slotBytes = (tokens: number, slots: number): number => tokens * slots * 8;

/** u32 words of one trace record: S expert ids, S gate weights, E probabilities. */
export const traceWords = ({ experts, slots }: { experts: number; slots: number }): number => 2 * slots + experts;

/** WGSL has no infinities: the router takes anything this low for "knocked out". */
const KNOCKED_OUT = -3e38;
const RULES: readonly RouterControl['rule'][] = ['logits', 'uniform', 'random'];
const HEADER = 8;

const WISH = 4;

/** In the table of a cache of experts: this one is not in it. */
export const MISSING = 0xfffe;

/**
 * u32 words of one layer's control: eight, then (bias: f32, selection: f32, output: f32, entry and forced: u32) for every expert,
 * then the slots of frozen positions.
 */
export const controlSize = (experts: number, frozenPositions = 0, slots = 0): number =>
  HEADER + WISH * experts + Math.ceil((frozenPositions * slotBytes(1, slots)) / 16) * 4;

/** What a cache of experts tells a layer's router. */
export interface ExpertTable {
  /** Of each expert, or MISSING. [E] */
  readonly entries: ArrayLike<number>;
  /** The pass goes on though experts are missing. */
  readonly partial: boolean;
}

interface ControlExtras {
  readonly logits?: ArrayLike<number>;
  readonly selection?: ArrayLike<number>;
  readonly outputs?: ArrayLike<number>;
  readonly table?: ExpertTable;
}

/**
 * A RouterControl as route.wgsl reads it. `slots` as in the shape: k, the forced and the frozen must find room in them.
 * @param logits biases of the model's own router. [E]
 * @param selection biases that only choose, for a rule that has them. [E]
 * @param outputs factors on what the experts give, which the slots carry and the trace does not. [E]
 */
export function controlWords(
  control: RouterControl,
  slots: number,
  { logits, selection, outputs, table }: ControlExtras = {},
): Uint32Array {
  const { k, rule, seed, layer, runnerUp, forced, bias, frozen } = control;
  if (k > slots || forced.size > k) throw new RangeError(`route: ${k} experts, ${forced.size} forced, ${slots} slots.`);
  const positions = frozen ? frozen.ids.length / frozen.slots : 0;
  const words = new Uint32Array(controlSize(bias.length, positions, slots));
  words.set([
    k,
    RULES.indexOf(rule),
    seed,
    layer,
    Number(runnerUp),
    positions,
    forced.size,
    Number(table?.partial ?? false),
  ]);
  const floats = new Float32Array(words.buffer);
  for (let expert = 0; expert < bias.length; expert++) {
    floats[HEADER + WISH * expert] = Math.max(bias[expert] + (logits?.[expert] ?? 0), KNOCKED_OUT);
    floats[HEADER + WISH * expert + 1] = selection?.[expert] ?? 0;
    floats[HEADER + WISH * expert + 2] = outputs?.[expert] ?? 1;
    words[HEADER + WISH * expert + 3] = (Number(forced.has(expert)) << 16) | (table?.entries[expert] ?? expert);
  }
  if (frozen) words.set(frozenWords(frozen, slots), controlSize(bias.length));
  return words;
}

/** Frozen slots as route.wgsl reads them, `slots` to a position. */
function frozenWords(frozen: FrozenSlots, slots: number): Uint32Array {
  if (frozen.slots > slots) throw new RangeError(`route: ${frozen.slots} frozen slots, room for ${slots}.`);
  const positions = frozen.ids.length / frozen.slots;
  const words = new Uint32Array((positions * slotBytes(1, slots)) / 4);
  const floats = new Float32Array(words.buffer);
  for (let slot = 0; slot < positions * slots; slot++) {
    const from = Math.floor(slot / slots) * frozen.slots + (slot % slots);
    const given = slot % slots < frozen.slots;
    words[2 * slot] = given ? frozen.ids[from] : NO_EXPERT;
    floats[2 * slot + 1] = given ? frozen.weights[from] : 0;
  }
  return words;
}

/**
 * The router of one layer: h = RMSNorm(x), p = softmax(router·h + bias), slots = the k most probable experts, most
 * probable first, then NO_EXPERT; or what `control` asks for instead (see RouterControl).
 * x, h: [T, D]; router: f32 [E, D]; slots: [T, S]; trace: ring of records, written at step + t.
 * Ties go to the lower index. A logit that is NaN counts as 0. Knocked-out experts have probability exactly 0 and are
 * never chosen: where fewer than k are left, slots stay unused.
 */
export function route(gpu: Gpu, shape: RouteShape, buffers: RouteBuffers): Promise<Dispatch> {
  const { width, experts, slots, normaliseGates, rule, epsilon, cached = false } = shape;
  if (experts < 1 || experts > MAX_EXPERTS)
    throw new RangeError(`route: ${experts} experts; 1 to ${MAX_EXPERTS} are supported.`);
  const members = experts / (rule?.groups?.count ?? 1);
  if (members % 1 !== 0) throw new RangeError(`route: ${experts} experts in ${rule?.groups?.count} groups.`);
  if (slots < 1 || slots > experts) throw new RangeError(`route: ${slots} slots for ${experts} experts.`);
  const group = gpu.tuning.workgroups === 'small' ? FEW_INVOCATIONS : WORKGROUP;
  return planKernel(gpu, {
    name: 'route',
    sources: [slotSource, hashSource, cached ? expertsCached : expertsAll, source],
    constants: {
      WIDTH: width,
      EXPERTS: experts,
      SLOTS: slots,
      GROUP: group,
      PARTS: Math.max(1, Math.floor(group / experts)),
      ...(rule ? ruleConstants(rule) : { NORMALISE: normaliseGates ? 1 : 0 }),
      NORM: epsilon === null ? 0 : 1,
      EPSILON: epsilon ?? 0,
    },
    buffers: [
      read(buffers.x),
      read(buffers.normWeight),
      read(buffers.router),
      read(buffers.control),
      write(buffers.h),
      write(buffers.slots),
      write(buffers.trace),
    ],
    pass: buffers.pass,
    passType: cached ? 'storage' : 'uniform',
    grid: (T) => [T, 1, 1],
  });
}

/** Softmax over the chosen alone is softmax over all, normalised: the same numbers, and never near the bound of the sum. */
function ruleConstants({ gate, selectionBias, groups, normalise, scale }: GateRule): Record<string, number> {
  return {
    NORMALISE: normalise || gate === 'chosen' ? 1 : 0,
    SIGMOID: gate === 'sigmoid' ? 1 : 0,
    BIASED: selectionBias ? 1 : 0,
    GROUPS: groups?.count ?? 1,
    KEPT: groups?.kept ?? 1,
    BY_TWO: groups?.by === 'top2' ? 1 : 0,
    SCALE: scale,
  };
}
