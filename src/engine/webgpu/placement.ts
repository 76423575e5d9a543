/** Where a model's experts are to be, which may change between two passes: what rules it, and the kernels that go by it. */
import { watchRefusals } from '../../gpu/refusals.ts';
import type { Gpu } from '../../gpu/types.ts';
import type { NonFinite } from '../../model/nonFinite.ts';
import type { Model } from '../../model/types.ts';
import { UserError } from '../types.ts';
import type { Activations } from './activations.ts';
import { entriesFor } from './expertEntries.ts';
import { isOnTheWay } from './expertReading.ts';
import { checkMatrices, entriesThatFit } from './fit.ts';
import { Foresight } from './foresight.ts';
import { type ForwardPass, planForwardPass } from './forwardPass.ts';
import { Lanes } from './lanes.ts';
import type { Site } from './passes.ts';
import { planned } from './planned.ts';
import { Residency } from './residency.ts';
import { type ExpertRoom, type GpuWeights, otherRoom } from './weights.ts';

/** @throws UserError bad-input, out-of-memory */
export function roomFor(
  gpu: Gpu,
  model: Model,
  asked = model.config.experts,
  onDemand = isOnTheWay(model),
): ExpertRoom {
  const { experts, expertsPerToken } = model.config;
  const most = entriesThatFit(gpu.device, model);
  const entries = entriesFor(model.config, most < expertsPerToken ? asked : Math.min(asked, most));
  checkMatrices(gpu.device, model, entries);
  return { entries, onDemand: experts > 1 && (onDemand || entries < experts) };
}

interface Fixed extends Pick<Site, 'arrival'> {
  readonly model: Model;
  readonly gpu: Gpu;
  readonly activations: Activations;
  readonly found: NonFinite;
}

interface Begun {
  readonly weights: GpuWeights;
  readonly pass: ForwardPass;
  readonly prefetch: boolean;
}

export class Placement {
  weights: GpuWeights;
  /** null: all experts are on the GPU. */
  residency: Residency | null;
  lanes: Lanes;
  site: Site;
  private prefetch: boolean;

  constructor(
    private readonly fixed: Fixed,
    { weights, pass, prefetch }: Begun,
  ) {
    this.weights = weights;
    this.prefetch = prefetch;
    this.residency = this.newResidency();
    this.lanes = this.newLanes(pass);
    this.site = this.newSite();
  }

  /** What is wrong with weights that have been read so far, or null. */
  get warning(): string | null {
    return this.fixed.found.warning();
  }

  /**
   * Gives a layer room for so many experts from the next pass on; to be called between two jobs. The text stays, and experts come
   * when they are asked for.
   * @throws UserError bad-input; out-of-memory: then there is room for as few as a token takes
   */
  async hold(asked: number, prefetch: boolean): Promise<void> {
    const { gpu, model } = this.fixed;
    const { experts, expertsPerToken } = model.config;
    const room = roomFor(gpu, model, asked);
    this.prefetch = prefetch;
    if (room.entries === (this.residency?.entries ?? experts)) {
      this.residency?.countAnew();
      this.site = this.newSite();
      return;
    }
    await this.make(room).catch(async (refused) => {
      await this.make({ entries: expertsPerToken, onDemand: true });
      throw refused;
    });
  }

  /** Once all experts have come, routers that look nothing up take over. */
  async settle(): Promise<void> {
    if (!this.residency?.whole) return;
    const layers = this.weights.layers.map((layer) => ({ ...layer, arriving: false }));
    const weights = { ...this.weights, layers };
    this.begin(weights, await this.plan(weights));
  }

  private async make(room: ExpertRoom): Promise<void> {
    const { gpu, model } = this.fixed;
    const refusals = watchRefusals(gpu);
    const weights = await otherRoom(refusals.gpu, model, this.weights, room);
    const pass = await this.plan(weights);
    const refusal = await refusals.first();
    this.begin(weights, pass);
    if (!refusal) return;
    throw new UserError(
      'out-of-memory',
      `The GPU has no room for ${room.entries} experts of a layer: ${refusal.message}`,
      'Let fewer be there.',
    );
  }

  private plan(weights: GpuWeights): Promise<ForwardPass> {
    const { gpu, model, activations } = this.fixed;
    return planned(planForwardPass(gpu, model.config, weights, activations));
  }

  private begin(weights: GpuWeights, pass: ForwardPass): void {
    const { routing } = this.lanes;
    this.weights = weights;
    this.residency = this.newResidency();
    this.lanes = this.newLanes(pass);
    this.lanes.routing = routing;
    this.site = this.newSite();
  }

  private newResidency(): Residency | null {
    const { gpu, model, found } = this.fixed;
    const { experts } = model.config;
    const { layers } = this.weights;
    const cached = layers.find(({ router, arriving, gateUp }) => router && (arriving || gateUp.experts < experts));
    return cached ? new Residency(gpu, model, this.weights, cached.gateUp.experts, found) : null;
  }

  private newLanes(pass: ForwardPass): Lanes {
    const { gpu, model, activations } = this.fixed;
    return new Lanes(gpu, model.config, this.weights, { narrow: activations, pass, residency: this.residency });
  }

  private newSite(): Site {
    const { gpu, model, arrival } = this.fixed;
    const { residency, lanes, weights } = this;
    const foresight = residency && this.prefetch ? new Foresight(gpu, model.config, weights) : null;
    return { gpu, config: model.config, lanes, residency, foresight, arrival };
  }
}
