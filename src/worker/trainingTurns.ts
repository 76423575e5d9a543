/** Trains several models in turns, whatever they learn: one queue, nobody starves the page, and a lost device costs seconds. */
import type { EngineInfo } from '../engine/types.ts';
import { UserError } from '../engine/types.ts';
import { findGpu, type NamedGpu } from '../engine/webgpu/adapter.ts';
import type { Kind, RaceSettings } from '../train/race.ts';
import { MOST_STEPS, type Model, type SavedRun, type Settings, type Trains } from '../train/types.ts';
import { toFault } from './faults.ts';
import type { Fault } from './protocol.ts';

/** What is known of a model before its first step. */
export interface RunnerFacts {
  readonly model: Model;
  readonly parameters: { readonly total: number; readonly active: number };
  readonly flopsPerStep: number;
}

export interface Runner<Trainer extends Trains & { destroy(): void } = Trains & { destroy(): void }> {
  readonly trainer: Trainer;
  readonly facts: RunnerFacts;
  milliseconds: number;
  atOnce: number;
  losses: number[];
}

export type KeptRun = SavedRun & { readonly milliseconds: number };

export type TurnsEvent<Standing> =
  | { readonly type: 'standing'; readonly standing: Standing }
  /** A run that was to be finished is. */
  | { readonly type: 'finished' }
  /** The device was lost, and it goes on all the same, on this one. */
  | { readonly type: 'told'; readonly fault: Fault; readonly info: EngineInfo }
  | { readonly type: 'fault'; readonly fault: Fault };

/** Of one submit: short enough for frames to come between. */
const SUBMIT_MILLISECONDS = 40;
/** Between two standings; and showing them takes no more than this share of the time. */
const SHOW_MILLISECONDS = 250;
const SHOW_SHARE = 0.4;
/** Steps at the end of a run, in which the rate falls: this share of those before, and no fewer. */
const FINISH_SHARE = 0.4;
const FINISH_STEPS = 60;
/** What is lost with a device is at most what was learned in this time. */
const KEEP_MILLISECONDS = 5000;
const TOLD_MILLISECONDS = 100;

const CPU: EngineInfo = { kind: 'cpu', name: 'CPU', fallback: false, features: [] };

export abstract class Turns<R extends Runner, Standing> {
  protected runners: R[] = [];
  protected settings: RaceSettings | null = null;
  /** To go on from when the device is lost. */
  protected kept: readonly KeptRun[] | null = null;
  protected found: NamedGpu | null = null;
  protected onEvent: (event: TurnsEvent<Standing>) => void | Promise<void> = () => {};
  private device: 'auto' | 'cpu' = 'auto';
  private lost = false;
  private decay: { from: number; to: number } | null = null;
  private going: Promise<void> | null = null;
  private wanted = false;
  private stale = false;

  constructor(private readonly api: GPU | undefined) {}

  /** Makes all models on `found`, anew or as they were kept; all or none. */
  protected abstract open(kept: readonly KeptRun[] | null): Promise<R[]>;
  /** How this runner stands. */
  protected abstract stand(runner: R, number: number, settings: RaceSettings): Promise<Standing>;
  /** What the next step is done with. */
  protected abstract settingsOf(settings: RaceSettings, decay: Settings['decay']): Settings;

  protected get info(): EngineInfo {
    return this.found?.info ?? CPU;
  }

  /** Which of the scales of a race fits the device, before anything is timed. */
  protected get kind(): Kind {
    if (!this.found) return 'cpu';
    return this.found.info.fallback ? 'software' : 'gpu';
  }

  /** For tests and rehearsals: as when a driver resets. */
  loseDevice(): void {
    this.found?.gpu.device.destroy();
  }

  protected async find(device: 'auto' | 'cpu'): Promise<NamedGpu | null> {
    this.device = device;
    if (device === 'cpu') return null;
    try {
      const found = await findGpu(this.api);
      this.lost = false;
      void found.gpu.device.lost.then(() => {
        if (this.found === found) this.lost = true;
      });
      return found;
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  /** From what was kept, on another device. */
  private async goOn(): Promise<void> {
    this.lost = false;
    for (const { trainer } of this.runners) trainer.destroy();
    this.runners = [];
    this.found = null;
    this.found = await this.find(this.device);
    this.runners = await this.open(this.kept);
    const where = this.found ? 'a new one' : 'the processor, slowly';
    const message = `The graphics device was lost. Training goes on from step ${this.runners[0].trainer.steps}, on ${where}.`;
    await this.onEvent({ type: 'told', fault: { code: 'device-lost', message, hint: '' }, info: this.info });
  }

  resume(): void {
    // Nobody learns: turns without a step in them would never give the thread away.
    if (!this.runners.length && !this.going) return;
    this.wanted = true;
    this.going ??= this.run().finally(() => {
      this.going = null;
    });
  }

  async pause(): Promise<void> {
    this.wanted = false;
    await this.going;
  }

  /** Does what needs the models at rest, and goes on if it went before. */
  protected async atRest<T>(job: () => Promise<T>): Promise<T> {
    const wanted = this.wanted;
    await this.pause();
    try {
      return await job();
    } catch (error) {
      throw toFault(error);
    } finally {
      if (wanted) this.resume();
    }
  }

  /** Rate, balancing and switched-off experts hold from the next step on; the rest of a run's shape from the next run. */
  async set(settings: RaceSettings): Promise<void> {
    this.settings = settings;
    this.stale = true;
    if (!this.going && this.runners.length) await this.showAll();
  }

  /** Lets the rate fall to almost nothing, and stops. */
  finish(): void {
    if (!this.runners.length) return;
    const from = Math.max(...this.runners.map(({ trainer }) => trainer.steps));
    this.decay = { from, to: from + Math.max(FINISH_STEPS, Math.round(FINISH_SHARE * from)) };
    this.resume();
  }

  async close(): Promise<void> {
    await this.pause();
    for (const { trainer } of this.runners) trainer.destroy();
    this.runners = [];
    this.decay = null;
    this.kept = null;
    const { found } = this;
    this.found = null;
    found?.gpu.device.destroy();
  }

  /** As they stand between two steps. @throws UserError where nobody learns */
  protected async keep(): Promise<KeptRun[]> {
    if (!this.runners.length) throw new UserError('bad-input', 'There are no weights to save. Train first.');
    return Promise.all(
      this.runners.map(async ({ trainer, milliseconds }) => ({ ...(await trainer.save()), milliseconds })),
    );
  }

  private async run(): Promise<void> {
    let shown = performance.now();
    let kept = shown;
    let cost = 0;
    try {
      while (this.wanted) {
        try {
          if (this.lost) await this.goOn();
          for (const runner of this.runners) await this.advance(runner);
          const over = this.decay !== null && this.runners.every(({ trainer }) => trainer.steps >= this.decay!.to);
          if (over) this.wanted = false;
          const since = performance.now() - shown;
          const due = since > Math.max(SHOW_MILLISECONDS, cost / SHOW_SHARE);
          if (due || this.stale || !this.wanted) {
            const start = performance.now();
            await this.showAll();
            shown = performance.now();
            cost = shown - start;
          }
          if (this.found && performance.now() - kept > KEEP_MILLISECONDS) {
            this.kept = await this.keep();
            kept = performance.now();
          }
          if (!over) continue;
          this.decay = null;
          await this.onEvent({ type: 'finished' });
        } catch (error) {
          // What a lost device answers is no news; that it is lost may be told a moment later.
          await Promise.race([this.found?.gpu.device.lost, new Promise((told) => setTimeout(told, TOLD_MILLISECONDS))]);
          if (!this.lost) throw error;
          this.wanted = true;
        }
      }
    } catch (error) {
      this.wanted = false;
      void this.onEvent({ type: 'fault', fault: toFault(error) });
    }
  }

  private async advance(runner: R): Promise<void> {
    const { trainer } = runner;
    const left = this.decay ? this.decay.to - trainer.steps : MOST_STEPS;
    // All do the same number of steps: who is behind catches up.
    const most = Math.max(...this.runners.map((each) => each.trainer.steps));
    const behind = most - trainer.steps;
    const count = Math.min(
      left,
      MOST_STEPS,
      behind > 0 ? behind : Math.min(...this.runners.map((each) => each.atOnce)),
    );
    if (count < 1) return;
    trainer.settings = this.settingsOf(this.settings!, this.decay);
    const start = performance.now();
    const reports = await trainer.advance(count);
    const took = performance.now() - start;
    runner.milliseconds += took;
    runner.losses.push(...reports.map(({ loss }) => loss));
    if (reports.some(({ loss }) => !Number.isFinite(loss)))
      throw new UserError('bad-input', 'The loss is no number any more.', 'Begin again with a lower rate.');
    if (took < SUBMIT_MILLISECONDS / 2) runner.atOnce = Math.min(MOST_STEPS, 2 * runner.atOnce);
    else if (took > SUBMIT_MILLISECONDS && count <= runner.atOnce) runner.atOnce = Math.max(1, runner.atOnce >> 1);
  }

  protected async showAll(): Promise<void> {
    this.stale = false;
    for (const [i, runner] of this.runners.entries()) {
      const standing = await this.stand(runner, i, this.settings!);
      runner.losses = [];
      await this.onEvent({ type: 'standing', standing });
    }
  }
}

/** Mean of what came in since the last standing. */
export const meanOf = (losses: readonly number[]): number | null =>
  losses.length ? losses.reduce((sum, each) => sum + each, 0) / losses.length : null;
