/**
 * The experts that a layer will ask for, guessed a layer ahead: its own router, on the hidden state that the layer in front of
 * it has before its experts are added. What is guessed can be fetched together with what is known to be missing.
 */
import { createBuffer } from '../../gpu/buffers.ts';
import { run } from '../../gpu/dispatch.ts';
import type { Dispatch, Gpu } from '../../gpu/types.ts';
import { route, slotBytes, traceWords } from '../../kernels/route.ts';
import type { ModelConfig } from '../../model/types.ts';
import type { Lane } from './lanes.ts';
import { Staging } from './readback.ts';
import { idsOf } from './residency.ts';
import type { GpuWeights } from './weights.ts';

interface Plan {
  /** null in a layer that routes nothing. */
  readonly routers: readonly (Dispatch | null)[];
  /** One record. */
  readonly trace: GPUBuffer;
  readonly staging: Staging;
}

export class Foresight {
  private readonly plans = new Map<Lane, Promise<Plan>>();

  constructor(
    private readonly gpu: Gpu,
    private readonly config: ModelConfig,
    private readonly weights: GpuWeights,
  ) {}

  /** What the layer is likely to ask for, of the token whose residual stream stands. One that is off is never among it. */
  async guess(lane: Lane, layer: number): Promise<number[]> {
    const planned = this.plans.get(lane) ?? this.plan(lane);
    this.plans.set(lane, planned);
    const { routers, trace, staging } = await planned;
    const router = routers[layer];
    if (!router) return [];
    run(this.gpu.device, [router], 1);
    const { slotsPerToken } = lane.a;
    return idsOf(await staging.fetch(trace, slotsPerToken), 0, slotsPerToken);
  }

  private async plan({ a }: Lane): Promise<Plan> {
    const { width, experts, normaliseGates, rule, normEpsilon: epsilon } = this.config;
    const { slotsPerToken: slots, x, pass } = a;
    const { device } = this.gpu;
    const shape = { width, experts, slots, normaliseGates, epsilon, ...(rule && { rule }) };
    const bytes = 4 * traceWords(shape);
    const trace = createBuffer(device, 'guessed record', bytes);
    const out = {
      h: createBuffer(device, 'guessed h', 4 * width),
      slots: createBuffer(device, 'guessed slots', slotBytes(1, slots)),
      trace: { buffer: trace, size: bytes },
    };
    const routers = this.weights.layers.map(({ router, ffnNorm }, layer) =>
      router
        ? route(this.gpu, shape, { x, normWeight: ffnNorm, router, control: a.controls[layer], ...out, pass })
        : null,
    );
    return { routers: await Promise.all(routers), trace, staging: new Staging(device, slots) };
  }
}
