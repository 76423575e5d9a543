/** What is not here yet of a model that runs already: it comes behind what its routers ask for, and then the copy is whole. */
import type { Engine } from '../engine/types.ts';
import { arrive } from '../engine/webgpu/arrival.ts';
import { WebGpuEngine } from '../engine/webgpu/engine.ts';
import { CANCELLED } from './faults.ts';
import type { KeptSource } from './kept.ts';
import type { Residency } from './protocol.ts';
import type { Rulebook } from './rulebook.ts';

export class Rest {
  private stop = new AbortController();

  /** @param life of the model: what is open for it is let go of when it ends */
  constructor(
    private readonly kept: readonly KeptSource[],
    private readonly life: AbortController,
  ) {}

  /** Why what comes is not kept, or null. */
  get notKept(): string | null {
    return this.kept.find(({ notKept }) => notKept)?.notKept ?? null;
  }

  /** For the engine that runs the model from now on. */
  bring(engine: Engine): void {
    this.stop.abort(CANCELLED);
    this.stop = new AbortController();
    this.bringAll(engine, this.stop.signal).catch(() => {});
  }

  /** Nobody runs the model any more. */
  close(): void {
    this.stop.abort(CANCELLED);
    this.life.abort(CANCELLED);
  }

  private async bringAll(engine: Engine, signal: AbortSignal): Promise<void> {
    const residency = engine instanceof WebGpuEngine ? engine.residency : null;
    const comes = this.kept.length > 0 || residency?.entries === engine.model.config.experts;
    if (residency && comes && !(await arrive(residency, { signal }))) return;
    // The few bytes between the tensors; whoever comes next finds the whole file.
    for (const copy of this.kept) {
      await copy.finish().catch(() => {});
      copy.close();
    }
  }
}

export function residencyOf({ engine, rest }: { readonly engine: Engine; readonly rest: Rest }): Residency | null {
  const { residency, model } = engine;
  if (!residency) return null;
  const each = <T>(of: (layer: number) => T) => model.weights.layers.map((_, layer) => of(layer));
  return {
    ...residency.counts,
    held: each((layer) => residency.held(layer)),
    away: each((layer) => residency.away(layer)),
    expertBytes: each((layer) => residency.bytesOf(layer)),
    warning: residency.warning ?? rest.notKept,
  };
}

/** Room for so many experts of a layer, or for all. @throws UserError bad-input, out-of-memory */
export async function holdOn(
  engine: WebGpuEngine,
  rules: Rulebook,
  experts: number | null,
  prefetch: boolean,
): Promise<void> {
  const { config } = engine.model;
  const entries = Math.max(experts ?? config.experts, config.expertsPerToken);
  rules.fits(engine, entries);
  await engine.placement.hold(entries, prefetch);
}
