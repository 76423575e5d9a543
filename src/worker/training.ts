/** Trains a MoE and its dense twins in turns, and tells the page how they get on. */
import type { EngineInfo } from '../engine/types.ts';
import { UserError } from '../engine/types.ts';
import { findGpu, type NamedGpu } from '../engine/webgpu/adapter.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { countParameters, type PainterShape, stepFlops } from '../reference/painter/shape.ts';
import { createCpuTrainer } from '../train/cpu.ts';
import { drawnPicture } from '../train/drawn.ts';
import { deadOf, psnr, shares } from '../train/measures.ts';
import { fitted, type RaceSettings, runnersOf, SCALES, type Scale, settingsOf, shapeOf } from '../train/race.ts';
import { MOST_STEPS, type Model, type Painting, type RunOptions, type Trainer, twinOf } from '../train/types.ts';
import { createGpuTrainer } from '../train/webgpu.ts';
import { toFault } from './faults.ts';
import type { Fault } from './protocol.ts';

export interface RaceRequest {
  readonly settings: RaceSettings;
  /** The visitor's own; null: the drawn one. */
  readonly picture: Pixels | null;
  readonly device: 'auto' | 'cpu';
}

export interface RunnerFacts {
  readonly model: Model;
  readonly shape: PainterShape;
  readonly parameters: { readonly total: number; readonly active: number };
  readonly flopsPerStep: number;
}

export interface RaceReady {
  readonly info: EngineInfo;
  readonly scale: Scale;
  readonly target: Pixels;
  readonly runners: readonly RunnerFacts[];
}

/** How one of them stands. */
export interface Standing {
  readonly runner: number;
  readonly step: number;
  /** Mean of the squared errors since the last standing; null before the first step. */
  readonly loss: number | null;
  /** Time of its own steps so far. */
  readonly milliseconds: number;
  readonly painting: Painting;
  readonly decibels: number;
  /** Of each layer with a router: the share of the picture that each expert paints. */
  readonly shares: readonly (readonly number[])[];
  readonly dead: readonly number[];
  /** Experts that were off when it was painted. */
  readonly off: RaceSettings['off'];
}

export type RaceEvent =
  | { readonly type: 'standing'; readonly standing: Standing }
  /** A run that was to be finished is. */
  | { readonly type: 'finished' }
  | { readonly type: 'fault'; readonly fault: Fault };

/** Of one submit: short enough for frames to come between. */
const SUBMIT_MILLISECONDS = 40;
/** Between two paintings; and painting takes no more than this share of the time. */
const PAINT_MILLISECONDS = 250;
const PAINT_SHARE = 0.25;
/** Steps at the end of a run, in which the rate falls: this share of those before, and no fewer. */
const FINISH_SHARE = 0.4;
const FINISH_STEPS = 60;

interface Runner {
  readonly trainer: Trainer;
  milliseconds: number;
  atOnce: number;
  losses: number[];
}

export class Training {
  #runners: Runner[] = [];
  #settings: RaceSettings | null = null;
  #decay: { from: number; to: number } | null = null;
  #found: NamedGpu | null = null;
  #going: Promise<void> | null = null;
  #wanted = false;
  #stale = false;
  #onEvent: (event: RaceEvent) => void | Promise<void> = () => {};

  constructor(private readonly api: GPU | undefined) {}

  /** Makes all models anew; `resume` sets them going. Events are waited for: nobody is told faster than they listen. */
  async prepare(request: RaceRequest, onEvent: (event: RaceEvent) => void | Promise<void>): Promise<RaceReady> {
    try {
      await this.close();
      this.#onEvent = onEvent;
      this.#settings = request.settings;
      this.#found = request.device === 'cpu' ? null : await this.#find();
      const kind = this.#found ? (this.#found.info.fallback ? 'software' : 'gpu') : 'cpu';
      const scale = SCALES[kind];
      const target = request.picture ? fitted(request.picture, scale.size) : drawnPicture(scale.size);
      const shape = shapeOf(request.settings, scale);
      const runners: RunnerFacts[] = [];
      for (const model of runnersOf(request.settings)) {
        const own = twinOf(shape, model);
        const options = { shape: own, picture: target, batch: scale.batch, seed: request.settings.seed };
        this.#runners.push({ trainer: await this.#open(options), milliseconds: 0, atOnce: 1, losses: [] });
        runners.push({
          ...{ model, shape: own, parameters: countParameters(own) },
          flopsPerStep: stepFlops(own, scale.batch),
        });
      }
      await this.#paintAll();
      const cpu: EngineInfo = { kind: 'cpu', name: 'CPU', fallback: false, features: [] };
      return { info: this.#found?.info ?? cpu, scale, target, runners };
    } catch (error) {
      throw toFault(error);
    }
  }

  async #find(): Promise<NamedGpu | null> {
    try {
      return await findGpu(this.api);
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  async #open(options: RunOptions): Promise<Trainer> {
    return this.#found ? createGpuTrainer(this.#found.gpu, options) : createCpuTrainer(options);
  }

  resume(): void {
    this.#wanted = true;
    this.#going ??= this.#run().finally(() => {
      this.#going = null;
    });
  }

  async pause(): Promise<void> {
    this.#wanted = false;
    await this.#going;
  }

  /** Rate, balancing and switched-off experts hold from the next step on; the rest of a run's shape from the next run. */
  async set(settings: RaceSettings): Promise<void> {
    this.#settings = settings;
    this.#stale = true;
    if (!this.#going && this.#runners.length) await this.#paintAll();
  }

  /** Lets the rate fall to almost nothing, and stops. */
  finish(): void {
    const from = Math.max(...this.#runners.map(({ trainer }) => trainer.steps));
    this.#decay = { from, to: from + Math.max(FINISH_STEPS, Math.round(FINISH_SHARE * from)) };
    this.resume();
  }

  async close(): Promise<void> {
    await this.pause();
    for (const { trainer } of this.#runners) trainer.destroy();
    this.#runners = [];
    this.#decay = null;
    this.#found?.gpu.device.destroy();
    this.#found = null;
  }

  async #run(): Promise<void> {
    let painted = performance.now();
    let cost = 0;
    try {
      while (this.#wanted) {
        for (const runner of this.#runners) await this.#advance(runner);
        const over = this.#decay !== null && this.#runners.every(({ trainer }) => trainer.steps >= this.#decay!.to);
        if (over) this.#wanted = false;
        const since = performance.now() - painted;
        const due = since > Math.max(PAINT_MILLISECONDS, cost / PAINT_SHARE);
        if (due || this.#stale || !this.#wanted) {
          const start = performance.now();
          await this.#paintAll();
          painted = performance.now();
          cost = painted - start;
        }
        if (!over) continue;
        this.#decay = null;
        await this.#onEvent({ type: 'finished' });
      }
    } catch (error) {
      this.#wanted = false;
      void this.#onEvent({ type: 'fault', fault: toFault(error) });
    }
  }

  async #advance(runner: Runner): Promise<void> {
    const { trainer } = runner;
    const left = this.#decay ? this.#decay.to - trainer.steps : MOST_STEPS;
    // All do the same number of steps: who is behind catches up.
    const most = Math.max(...this.#runners.map((each) => each.trainer.steps));
    const behind = most - trainer.steps;
    const count = Math.min(
      left,
      MOST_STEPS,
      behind > 0 ? behind : Math.min(...this.#runners.map((each) => each.atOnce)),
    );
    if (count < 1) return;
    trainer.settings = settingsOf(this.#settings!, this.#decay);
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

  async #paintAll(): Promise<void> {
    this.#stale = false;
    const { off, experts } = this.#settings!;
    for (const [i, runner] of this.#runners.entries()) {
      const { trainer, losses, milliseconds } = runner;
      const { shape, picture } = trainer.options;
      const cells = off.filter(([layer, expert]) => layer < shape.layers && expert < shape.experts);
      // What was switched off is of the shape that the settings speak of, which may be that of the next run.
      const own = shape.experts > 1 && shape.experts === experts ? cells : [];
      const painting = await trainer.paint(new Set(own.map(([layer, expert]) => layer * shape.experts + expert)));
      const share = painting.territories.map((map) => shares(map, shape.experts));
      const loss = losses.length ? losses.reduce((sum, each) => sum + each, 0) / losses.length : null;
      runner.losses = [];
      const standing: Standing = {
        ...{ runner: i, step: trainer.steps, loss, milliseconds, painting, shares: share, off: own },
        decibels: psnr(painting.data, picture),
        dead: share.map(deadOf),
      };
      await this.#onEvent({ type: 'standing', standing });
    }
  }
}
