/** Trains writers, a MoE and its dense twins, in turns on the same text, and tells the page how they get on. */
import { type EngineInfo, UserError } from '../engine/types.ts';
import { countTextParameters, textStepFlops } from '../reference/text/shape.ts';
import { deadOf, shares } from '../train/measures.ts';
import {
  type Kind,
  type RaceSettings,
  runnersOf,
  smaller,
  TEXT_SCALES,
  type TextScale,
  textSettingsOf,
  textShapeOf,
} from '../train/race.ts';
import { type NamedText, readSaved, type SavedWriters, writeSaved } from '../train/saved.ts';
import { type Corpus, corpusOf, decode } from '../train/text/corpus.ts';
import { createTextCpuTrainer } from '../train/text/cpu.ts';
import type { Assigned } from '../train/text/likings.ts';
import { TEXT_SHAPE, type TextTrainer } from '../train/text/types.ts';
import { createTextGpuTrainer } from '../train/text/webgpu.ts';
import { type Settings, twinOf } from '../train/types.ts';
import { toFault } from './faults.ts';
import { allOrNone, goOnFrom, tooSlow, withRoom } from './trainingOpening.ts';
import { type KeptRun, meanOf, type Runner, type RunnerFacts, Turns, type TurnsEvent } from './trainingTurns.ts';

export interface TextRequest {
  readonly settings: RaceSettings;
  /** A kind of text each. */
  readonly texts: readonly NamedText[];
  /** Whether somebody brought them. */
  readonly own: boolean;
  readonly device: 'auto' | 'cpu';
  /** Goes on from the file that was read last, on its texts. */
  readonly saved: boolean;
}

export interface TextReady {
  readonly info: EngineInfo;
  readonly scale: TextScale;
  /** A step of so many characters took too long: steps are smaller than they would be. */
  readonly slow: { readonly batch: number; readonly milliseconds: number } | null;
  /** Characters of a step. */
  readonly batch: number;
  readonly kinds: readonly { readonly name: string; readonly characters: number }[];
  readonly characters: readonly string[];
  readonly runners: readonly RunnerFacts[];
}

export interface TextStanding {
  readonly runner: number;
  readonly step: number;
  /** Mean cross-entropy of the steps since the last standing, in nats a character; null before the first. */
  readonly loss: number | null;
  /** Of held-out text, read by the average of the weights; of all kinds and of each. */
  readonly heldOut: number;
  readonly byKind: readonly number[];
  readonly milliseconds: number;
  /** One for each kind, its beginning first. */
  readonly samples: readonly string[];
  /** Characters of a sample that held-out text gave. */
  readonly begun: number;
  /** What its experts were asked for; null without a router. */
  readonly assigned: Assigned | null;
  readonly shares: readonly (readonly number[])[];
  readonly dead: readonly number[];
}

export type TextEvent = TurnsEvent<TextStanding>;

interface TextRunner extends Runner<TextTrainer> {
  samples: readonly (readonly number[])[];
  shown: number;
}

/** Of what is held out, characters that a sample begins with; and how long it grows before it begins anew. */
const BEGINNING = 12;
const MOST_SAMPLE = 240;
const TEMPERATURE = 0.7;

export class TextTraining extends Turns<TextRunner, TextStanding> {
  private corpus: Corpus | null = null;
  private learned: Pick<SavedWriters, 'texts' | 'own'> = { texts: [], own: false };
  private scaleKind: Kind = 'cpu';
  /** Of this run; what was chosen since holds for the next. */
  private begun: RaceSettings | null = null;
  /** Of a file, until it is gone on with. */
  private saved: SavedWriters | null = null;

  private get scale(): TextScale {
    return TEXT_SCALES[this.scaleKind];
  }

  /** Makes all models anew; `resume` sets them going. */
  async prepare(
    { settings, texts, own, device, ...request }: TextRequest,
    onEvent: (event: TextEvent) => void | Promise<void>,
  ): Promise<TextReady> {
    try {
      await this.close();
      const saved = request.saved ? this.saved : null;
      this.learned = saved ? { texts: saved.texts, own: saved.own } : { texts, own };
      this.corpus = corpusOf(this.learned.texts, TEXT_SHAPE.context);
      this.onEvent = onEvent;
      this.settings = settings;
      this.begun = settings;
      this.found = await this.find(device);
      let slow: TextReady['slow'] = null;
      if (saved) {
        this.scaleKind = saved.scale;
        this.runners = await this.open(saved.runs);
        this.kept = saved.runs;
      } else slow = await this.openFitting();
      await this.showAll();
      return {
        ...{ info: this.info, scale: this.scale, slow, batch: this.scale.texts * TEXT_SHAPE.context },
        kinds: this.corpus.kinds.map(({ name, train }) => ({ name, characters: train.length })),
        characters: this.corpus.characters,
        runners: this.runners.map(({ facts }) => facts),
      };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** Reads a file that `file` made: its settings, as a link has them, and the texts if somebody brought them. */
  async read(file: Blob): Promise<{ settings: string; texts: readonly NamedText[] }> {
    try {
      const saved = await readSaved(file);
      if (!('texts' in saved))
        throw new UserError('bad-file', 'This file holds models that paint.', 'Choose “To paint”, and open it there.');
      this.saved = saved;
      return { settings: saved.settings, texts: saved.own ? saved.texts : [] };
    } catch (error) {
      throw toFault(error);
    }
  }

  /** All that was learned, and the texts, as a file. @param link the settings, as a link has them */
  file(link: string): Promise<Blob> {
    return this.atRest(async () => {
      const runs = await this.keep();
      return writeSaved({ settings: link, scale: this.scaleKind, ...this.learned, runs });
    });
  }

  private async openFitting(): Promise<TextReady['slow']> {
    let slow: TextReady['slow'] = null;
    for (let kind = this.kind; ; kind = smaller(kind)) {
      this.scaleKind = kind;
      this.runners = await this.open(null);
      const milliseconds = await tooSlow(this.runners[0].trainer, kind);
      if (milliseconds === null) return slow;
      slow = { batch: this.scale.texts * TEXT_SHAPE.context, milliseconds };
      for (const { trainer } of this.runners) trainer.destroy();
      this.runners = [];
    }
  }

  protected open(kept: readonly KeptRun[] | null): Promise<TextRunner[]> {
    const { found } = this;
    const [settings, corpus] = [this.begun!, this.corpus!];
    const { texts, heldOut } = this.scale;
    const makes = runnersOf(settings).map((model, i) => async (): Promise<TextRunner> => {
      const shape = twinOf(textShapeOf(settings, corpus.characters.length), model);
      const options = { shape, corpus, texts, heldOut, seed: settings.seed };
      const trainer = found
        ? await withRoom(found.gpu.device, () => createTextGpuTrainer(found.gpu, options))
        : createTextCpuTrainer(options);
      const flopsPerStep = textStepFlops(shape, texts * shape.context);
      const facts = { model, parameters: countTextParameters(shape), flopsPerStep };
      const run = kept?.[i];
      goOnFrom(trainer, run);
      const samples = beginningsOf(corpus);
      return { trainer, facts, milliseconds: run?.milliseconds ?? 0, atOnce: 1, losses: [], samples, shown: -1 };
    });
    return allOrNone(makes);
  }

  protected settingsOf(settings: RaceSettings, decay: Settings['decay']): Settings {
    return textSettingsOf(settings, decay);
  }

  protected async stand(runner: TextRunner, number: number, { seed }: RaceSettings): Promise<TextStanding> {
    const { trainer, losses, milliseconds } = runner;
    const corpus = this.corpus!;
    const { shape } = trainer.options;
    const reading = await trainer.read();
    if (runner.shown >= 0 && runner.shown < trainer.steps) {
      const { grow } = this.scale;
      const long = runner.samples[0].length + grow > MOST_SAMPLE;
      const from = long ? beginningsOf(corpus) : runner.samples;
      runner.samples = await trainer.write(from, grow, { temperature: TEMPERATURE, seed });
    }
    runner.shown = trainer.steps;
    const taken = reading.choices.map((chosen) => shares(chosen, shape.experts));
    return {
      ...{ runner: number, step: trainer.steps, loss: meanOf(losses), heldOut: reading.loss, byKind: reading.byKind },
      ...{ milliseconds, samples: runner.samples.map((ids) => decode(corpus, ids)), begun: BEGINNING },
      assigned:
        shape.experts > 1 ? { rows: reading.rows, choices: reading.choices, experts: shape.experts, k: shape.k } : null,
      shares: taken,
      dead: taken.map(deadOf),
    };
  }
}

const beginningsOf = ({ kinds }: Corpus): number[][] => kinds.map(({ heldOut }) => [...heldOut.subarray(0, BEGINNING)]);
