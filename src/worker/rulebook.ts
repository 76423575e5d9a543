/** Which interventions rule now, which ruled which positions, and what the engine is told. */
import type { Routed } from '../engine/batch.ts';
import { type Intervention, planRouting } from '../engine/interventions.ts';
import { type Engine, type RoutingPlan, UserError } from '../engine/types.ts';

export class Rulebook {
  /** Every list that was in force, by its revision. */
  private readonly lists = new Map<number, readonly Intervention[]>([[0, []]]);
  private revision = 0;
  private previous: Routed | null = null;
  /** A job asks the routers for something of its own. */
  private lent = false;

  /** Of another model nothing holds. */
  clear(): void {
    this.lists.clear();
    this.lists.set(0, []);
    this.revision = 0;
    this.previous = null;
  }

  listAt(revision: number): readonly Intervention[] {
    return this.lists.get(revision) ?? [];
  }

  /** From the engine's next pass on, in the middle of a run too. Returns the revision. @throws UserError bad-input */
  set(engine: Engine, list: readonly Intervention[]): number {
    const plan = planRouting(engine.model.config, list);
    engine.residency?.check(plan);
    this.lists.set(++this.revision, list);
    this.apply(engine);
    return this.revision;
  }

  /** @throws UserError bad-input where what is in force gives a token more experts than will have room */
  fits(engine: Engine, entries: number): void {
    const { slots } = this.planAt(engine, this.revision);
    if (slots <= entries) return;
    throw new UserError(
      'bad-input',
      `A token takes ${slots} experts of a layer now: ${entries} on the GPU are too few.`,
      'Take back what asks for so many first.',
    );
  }

  /** The routing that `frozen` keeps from now on. */
  keep(engine: Engine, previous: Routed): void {
    this.previous = previous;
    this.apply(engine);
  }

  /** Tells the engine what is in force; while the routers are lent, it will be told afterwards. */
  apply(engine: Engine): void {
    if (!this.lent) engine.setRouting(this.planAt(engine, this.revision));
  }

  /** What a position of that revision was run under. */
  planAt(engine: Engine, revision: number): RoutingPlan {
    return planRouting(engine.model.config, this.listAt(revision), { previous: this.previous, revision });
  }

  /** A plan for a job of its own. @throws UserError bad-input */
  plan(engine: Engine, list: readonly Intervention[], previous = this.previous): RoutingPlan {
    return planRouting(engine.model.config, list, { previous });
  }

  /** Lends the routers to a job that sets its own plans, and takes them back. `engine` is asked again: it may be replaced. */
  async lend<T>(engine: () => Engine, job: () => Promise<T>): Promise<T> {
    this.lent = true;
    try {
      return await job();
    } finally {
      this.lent = false;
      this.apply(engine());
    }
  }
}
