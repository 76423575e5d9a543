/** Trains a MoE and its dense twins in turns, and tells the page how they get on. */
import type { EngineInfo } from '../engine/types.ts';
import { UserError } from '../engine/types.ts';
import { findGpu, type NamedGpu } from '../engine/webgpu/adapter.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { drawnPicture } from '../train/drawn.ts';
import { deadOf, psnr, shares } from '../train/measures.ts';
import { fitted, type RaceSettings, SCALES, type Scale, settingsOf } from '../train/race.ts';
import { readSaved, type SavedRace, writeSaved } from '../train/saved.ts';
import { MOST_STEPS, type Painting } from '../train/types.ts';
import { toFault } from './faults.ts';
import type { Fault } from './protocol.ts';
import { openRunners, type RaceSetup, type Runner, type RunnerFacts, saveRunners } from './trainingRunners.ts';

export interface RaceRequest {
  readonly settings: RaceSettings;
  /** The visitor's own; null: the drawn one. */
  readonly picture: Pixels | null;
  readonly device: 'auto' | 'cpu';
  /** Goes on from the file that was read last. */
  readonly saved: boolean;
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
  /** Something happened, and it goes on all the same. */
  | { readonly type: 'told'; readonly fault: Fault }
  | { readonly type: 'fault'; readonly fault: Fault };

/** Of one submit: short enough for frames to come between. */
const SUBMIT_MILLISECONDS = 40;
/** Between two paintings; and painting takes no more than this share of the time. */
const PAINT_MILLISECONDS = 250;
const PAINT_SHARE = 0.4;
/** Steps at the end of a run, in which the rate falls: this share of those before, and no fewer. */
const FINISH_SHARE = 0.4;
const FINISH_STEPS = 60;

/** What is lost with a device is at most what was learned in this time. */
const KEEP_MILLISECONDS = 5000;
const TOLD_MILLISECONDS = 100;

export class Training {
  #runners: Runner[] = [];
  #settings: RaceSettings | null = null;
  #setup: RaceSetup | null = null;
  #device: RaceRequest['device'] = 'auto';
  /** To go on from when the device is lost. */
  #kept: SavedRace | null = null;
  /** Of a file, until it is gone on with. */
  #read: SavedRace | null = null;
  #lost = false;
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
      const { settings, picture } = request;
      const saved = request.saved ? this.#read : null;
      this.#onEvent = onEvent;
      this.#settings = settings;
      this.#device = request.device;
      this.#found = await this.#find();
      const kind = this.#found ? (this.#found.info.fallback ? 'software' : 'gpu') : 'cpu';
      const { size, ...usual } = SCALES[kind];
      const target = saved?.picture ?? (picture ? fitted(picture, size) : drawnPicture(size));
      const { batch, octaves } = saved ?? usual;
      const scale = { size: target.width, batch, octaves };
      this.#setup = { settings, scale, target };
      this.#runners = await openRunners(this.#found, this.#setup, saved);
      this.#kept = saved;
      await this.#paintAll();
      const cpu: EngineInfo = { kind: 'cpu', name: 'CPU', fallback: false, features: [] };
      return { info: this.#found?.info ?? cpu, scale, target, runners: this.#runners.map(({ facts }) => facts) };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** Reads a file that `file` made; its settings, as a link has them. */
  async read(file: Blob): Promise<string> {
    try {
      this.#read = await readSaved(file);
      return this.#read.settings;
    } catch (error) {
      throw toFault(error);
    }
  }

  /** All that was learned, as a file. @param link the settings, as a link has them */
  async file(link: string): Promise<Blob> {
    const wanted = this.#wanted;
    await this.pause();
    try {
      return writeSaved(await saveRunners(this.#runners, this.#setup!, link));
    } catch (error) {
      throw toFault(error);
    } finally {
      if (wanted) this.resume();
    }
  }

  /** For tests and rehearsals: as when a driver resets. */
  loseDevice(): void {
    this.#found?.gpu.device.destroy();
  }

  async #find(): Promise<NamedGpu | null> {
    if (this.#device === 'cpu') return null;
    try {
      const found = await findGpu(this.api);
      this.#lost = false;
      void found.gpu.device.lost.then(() => {
        if (this.#found === found) this.#lost = true;
      });
      return found;
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  /** From what was kept, on another device. */
  async #goOn(): Promise<void> {
    this.#lost = false;
    for (const { trainer } of this.#runners) trainer.destroy();
    this.#runners = [];
    this.#found = null;
    this.#found = await this.#find();
    this.#runners = await openRunners(this.#found, this.#setup!, this.#kept);
    const where = this.#found ? 'a new one' : 'the processor, slowly';
    const message = `The graphics device was lost. Training goes on from step ${this.#runners[0].trainer.steps}, on ${where}.`;
    await this.#onEvent({ type: 'told', fault: { code: 'device-lost', message, hint: '' } });
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
    this.#kept = null;
    const found = this.#found;
    this.#found = null;
    found?.gpu.device.destroy();
  }

  async #run(): Promise<void> {
    let painted = performance.now();
    let kept = painted;
    let cost = 0;
    try {
      while (this.#wanted) {
        try {
          if (this.#lost) await this.#goOn();
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
          if (this.#found && performance.now() - kept > KEEP_MILLISECONDS) {
            this.#kept = await saveRunners(this.#runners, this.#setup!, '');
            kept = performance.now();
          }
          if (!over) continue;
          this.#decay = null;
          await this.#onEvent({ type: 'finished' });
        } catch (error) {
          // What a lost device answers is no news; that it is lost may be told a moment later.
          await Promise.race([
            this.#found?.gpu.device.lost,
            new Promise((told) => setTimeout(told, TOLD_MILLISECONDS)),
          ]);
          if (!this.#lost) throw error;
          this.#wanted = true;
        }
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
