/** The text that stands and the rules it is written under: lent to jobs of all kinds, and put back as they were. */
import type { Intervention } from '../engine/interventions.ts';
import { type Engine, UserError } from '../engine/types.ts';
import type { KeptText } from './protocol.ts';
import { readTo, type Site } from './rereading.ts';
import { Rulebook } from './rulebook.ts';
import { RunningText } from './text.ts';

export class CurrentText {
  readonly rules = new Rulebook();
  private current: RunningText | null = null;

  /** @param engine asked again each time: a lost one is replaced. */
  constructor(private readonly engine: () => Engine) {}

  get text(): RunningText | null {
    return this.current;
  }

  /** Another model: nothing of the old one holds. */
  clear(): void {
    this.current = null;
    this.rules.clear();
  }

  /** Another text, or none, takes the place of the one that stands, whose routing is the previous run's from now on. */
  replace(text: RunningText | null): void {
    const routing = this.current?.routing;
    if (routing) this.rules.keep(this.engine(), routing);
    this.current = text;
  }

  /** Goes on with a text that was written elsewhere, every position under the interventions it was written under. */
  take({ ids, promptTokens, changes, interventions, ...routed }: KeptText): void {
    const engine = this.engine();
    engine.truncate(0);
    const revisions: number[] = [];
    for (const change of changes) {
      const before = revisions.at(-1) ?? 0;
      while (revisions.length < change.position) revisions.push(before);
      revisions[change.position] = this.rules.set(engine, change.interventions);
    }
    const last = revisions.at(-1) ?? 0;
    while (revisions.length < ids.length) revisions.push(last);
    this.rules.set(engine, interventions);
    this.current = RunningText.of(engine.model.tokenizer, ids, promptTokens, revisions, routed);
  }

  /** Does the job under these interventions, aside from the text, then puts the text's own back. */
  intervened<T>(interventions: readonly Intervention[], job: (engine: Engine) => Promise<T>): Promise<T> {
    return this.rules.lend(this.engine, () => {
      const engine = this.engine();
      engine.setRouting(this.rules.plan(engine, interventions));
      return engine.aside(0, () => job(engine));
    });
  }

  /** Does a job that runs the text's own tokens again, with the routers lent to it. @throws UserError bad-input */
  async onText<T>(job: (site: Site) => Promise<T>): Promise<T> {
    const text = this.current;
    if (!text) throw new UserError('bad-input', 'There is no text yet.', 'Write one first.');
    await this.restore(text);
    const site = { engine: this.engine(), text, rules: this.rules };
    return this.rules.lend(this.engine, () => job(site));
  }

  /** Brings an empty cache to where the text is, every position under the interventions it was written under. */
  async restore(text: RunningText): Promise<void> {
    const engine = this.engine();
    if (engine.length >= text.routed.length) return;
    await this.rules.lend(this.engine, () => readTo({ engine, text, rules: this.rules }, text.routed.length, true));
  }
}
