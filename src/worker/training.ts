/** Trains painters, a MoE and its dense twins, in turns, and tells the page how they get on. */
import { type EngineInfo, UserError } from '../engine/types.ts';
import type { Pixels } from '../reference/painter/inputs.ts';
import { drawnPicture } from '../train/drawn.ts';
import { deadOf, psnr, shares } from '../train/measures.ts';
import { fitted, type RaceSettings, SCALES, type Scale, settingsOf, smaller } from '../train/race.ts';
import { readSaved, type SavedPainters, writeSaved } from '../train/saved.ts';
import type { Painting, Settings, Trainer } from '../train/types.ts';
import { toFault } from './faults.ts';
import { tooSlow } from './trainingOpening.ts';
import { openRunners, type RaceSetup } from './trainingRunners.ts';
import { type KeptRun, meanOf, type Runner, type RunnerFacts, Turns, type TurnsEvent } from './trainingTurns.ts';

export interface RaceRequest {
  readonly settings: RaceSettings;
  /** The visitor's own; null: the drawn one. */
  readonly picture: Pixels | null;
  readonly device: 'auto' | 'cpu';
  /** Goes on from the file that was read last. */
  readonly saved: boolean;
}

/** A step that took too long, for which picture and steps were made smaller. */
export interface Slow {
  readonly batch: number;
  readonly milliseconds: number;
}

export interface RaceReady {
  readonly info: EngineInfo;
  readonly scale: Scale;
  readonly slow: Slow | null;
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
  | TurnsEvent<Standing>
  /** What they will learn to paint, before they are here. */
  | { readonly type: 'target'; readonly target: Pixels };

export class Training extends Turns<Runner<Trainer>, Standing> {
  private setup: RaceSetup | null = null;
  /** Of a file, until it is gone on with. */
  private saved: SavedPainters | null = null;

  /** Makes all models anew; `resume` sets them going. Events are waited for: nobody is told faster than they listen. */
  async prepare(request: RaceRequest, onEvent: (event: RaceEvent) => void | Promise<void>): Promise<RaceReady> {
    try {
      await this.close();
      const { settings, device } = request;
      const saved = request.saved ? this.saved : null;
      this.onEvent = onEvent;
      this.settings = settings;
      this.found = await this.find(device);
      let slow: Slow | null = null;
      if (saved) {
        const { batch, octaves, picture: target } = saved;
        this.setup = { settings, scale: { size: target.width, batch, octaves }, target };
        void onEvent({ type: 'target', target });
        this.runners = await this.open(saved.runs);
        this.kept = saved.runs;
      } else slow = await this.openFitting(request, onEvent);
      await this.showAll();
      return { info: this.info, scale: this.setup!.scale, slow, runners: this.runners.map(({ facts }) => facts) };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** As large as the device trains it in little time. */
  private async openFitting(
    { settings, picture }: RaceRequest,
    onEvent: (event: RaceEvent) => void | Promise<void>,
  ): Promise<Slow | null> {
    let slow: Slow | null = null;
    for (let kind = this.kind; ; kind = smaller(kind)) {
      const scale = SCALES[kind];
      const target = picture ? fitted(picture, scale.size) : drawnPicture(scale.size);
      this.setup = { settings, scale, target };
      void onEvent({ type: 'target', target });
      this.runners = await this.open(null);
      const milliseconds = await tooSlow(this.runners[0].trainer, kind);
      if (milliseconds === null) return slow;
      slow = { batch: scale.batch, milliseconds };
      for (const { trainer } of this.runners) trainer.destroy();
      this.runners = [];
    }
  }

  /** Reads a file that `file` made; its settings, as a link has them. */
  async read(file: Blob): Promise<{ settings: string }> {
    try {
      const saved = await readSaved(file);
      if (!('picture' in saved))
        throw new UserError('bad-file', 'This file holds models that write.', 'Choose “To write”, and open it there.');
      this.saved = saved;
      return { settings: saved.settings };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** All that was learned, as a file. @param link the settings, as a link has them */
  file(link: string): Promise<Blob> {
    return this.atRest(async () => {
      const runs = await this.keep();
      const { scale, target } = this.setup!;
      const { batch, octaves } = scale;
      return writeSaved({ settings: link, picture: target, batch, octaves, runs });
    });
  }

  protected open(kept: readonly KeptRun[] | null): Promise<Runner<Trainer>[]> {
    return openRunners(this.found, this.setup!, kept);
  }

  protected settingsOf(settings: RaceSettings, decay: Settings['decay']): Settings {
    return settingsOf(settings, decay);
  }

  protected async stand(
    { trainer, losses, milliseconds }: Runner<Trainer>,
    number: number,
    { off, experts }: RaceSettings,
  ): Promise<Standing> {
    const { shape, picture } = trainer.options;
    const cells = off.filter(([layer, expert]) => layer < shape.layers && expert < shape.experts);
    // What was switched off is of the shape that the settings speak of, which may be that of the next run.
    const own = shape.experts > 1 && shape.experts === experts ? cells : [];
    const painting = await trainer.paint(new Set(own.map(([layer, expert]) => layer * shape.experts + expert)));
    const share = painting.territories.map((map) => shares(map, shape.experts));
    return {
      ...{ runner: number, step: trainer.steps, loss: meanOf(losses), milliseconds, painting, shares: share, off: own },
      decibels: psnr(painting.data, picture),
      dead: share.map(deadOf),
    };
  }
}
