/**
 * The ways of running the model: one with the model's own K slots to a token, and one with E, made when an intervention
 * first asks for more than K. Both share the KV cache and the residual stream, so a text goes from one to the other.
 */
import type { Gpu } from '../../gpu/types.ts';
import { controlWords, MISSING } from '../../kernels/route.ts';
import type { ModelConfig } from '../../model/types.ts';
import { planRouting } from '../interventions.ts';
import type { RoutingPlan } from '../types.ts';
import { type Activations, widenActivations } from './activations.ts';
import { type ForwardPass, planForwardPass } from './forwardPass.ts';
import { Staging, windowWords } from './readback.ts';
import type { Residency } from './residency.ts';
import type { GpuWeights } from './weights.ts';

/** Decode steps of one submit, at most, and submits in the air: a mapAsync alone costs 5–15 ms. */
export const FLIGHT = 8;
export const FLIGHTS = 2;

export interface Lane {
  readonly a: Activations;
  readonly pass: ForwardPass;
  readonly prefillStaging: Staging;
  readonly flightStaging: readonly Staging[];
}

/** The lane of one pass, and the routing plan that rules it: its slots and its revision. */
export interface Ready {
  readonly lane: Lane;
  readonly plan: RoutingPlan;
  readonly slots: number;
  readonly revision: number;
}

export class Lanes {
  private readonly narrow: Lane;
  private wide: Promise<Lane> | null = null;
  /** From the next pass on. */
  routing: RoutingPlan;
  /** The lane whose buffers say what which plan asks for. */
  private written: { readonly lane: Lane; readonly plan: RoutingPlan } | null = null;
  private readonly residency: Residency | null;

  constructor(
    private readonly gpu: Gpu,
    private readonly config: ModelConfig,
    private readonly weights: GpuWeights,
    { narrow, pass, residency }: { narrow: Activations; pass: ForwardPass; residency: Residency | null },
  ) {
    this.narrow = this.lane(narrow, pass);
    this.routing = planRouting(config, []);
    this.residency = residency;
  }

  /**
   * The lane for the next pass, its routers told what to do. Rejects when the wide one's kernels do not compile.
   * @throws UserError bad-input where a token takes more experts than have room on the GPU
   */
  async ready(): Promise<Ready> {
    for (;;) {
      const plan = this.routing;
      this.residency?.check(plan);
      const lane = plan.slots > this.config.expertsPerToken ? await this.widened() : this.narrow;
      // The wish may have changed while the wide lane was made.
      if (plan !== this.routing) continue;
      const ready = { lane, plan, slots: plan.slots, revision: plan.revision };
      this.again(ready);
      return ready;
    }
  }

  /** Tells the routers what they were told for a pass that goes on, whatever is wished by now. */
  again({ lane, plan }: Ready): void {
    const untold = [...(this.residency?.untold() ?? [])];
    if (this.written?.lane === lane && this.written.plan === plan) {
      for (const layer of untold) this.tell({ lane, plan }, layer);
      return;
    }
    for (const layer of plan.controls.keys()) this.tell({ lane, plan }, layer);
    this.written = { lane, plan };
  }

  /** Tells one router. @param only of the experts that are on the GPU these alone, and that the pass goes on without the others */
  tell({ lane, plan }: Pick<Ready, 'lane' | 'plan'>, layer: number, only?: ReadonlySet<number>): void {
    const entries = this.residency?.table(layer);
    const words = controlWords(plan.controls[layer], lane.a.slotsPerToken, {
      logits: this.weights.layers[layer].routerBias ?? undefined,
      selection: this.weights.layers[layer].selection ?? undefined,
      outputs: this.weights.layers[layer].expertScale ?? undefined,
      table: entries && {
        entries: only ? entries.map((entry, expert) => (only.has(expert) ? entry : MISSING)) : entries,
        partial: only !== undefined,
      },
    });
    this.gpu.device.queue.writeBuffer(lane.a.controls[layer], 0, words as Uint32Array<ArrayBuffer>);
  }

  private widened(): Promise<Lane> {
    this.wide ??= this.widen();
    return this.wide;
  }

  private async widen(): Promise<Lane> {
    const { experts, expertsPerToken } = this.config;
    const narrow = this.narrow.a;
    // As much memory as the narrow lane's slots take, in shorter passes.
    const few = Math.min(this.gpu.tuning.few, narrow.maxTokens);
    const maxTokens = Math.max(1, few, Math.floor((narrow.maxTokens * expertsPerToken) / experts));
    const options = { slotsPerToken: experts, maxTokens, inFlight: FLIGHT * FLIGHTS };
    const a = widenActivations(this.gpu, this.config, narrow, options);
    return this.lane(a, await planForwardPass(this.gpu, this.config, this.weights, a));
  }

  private lane(a: Activations, pass: ForwardPass): Lane {
    const staging = (slots: number) => new Staging(this.gpu.device, windowWords(a, this.config, slots));
    return {
      a,
      pass,
      prefillStaging: staging(a.maxTokens),
      flightStaging: Array.from({ length: FLIGHTS }, () => staging(FLIGHT)),
    };
  }
}
