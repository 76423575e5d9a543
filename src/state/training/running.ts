/** What every race on the page has: models that the worker trains in turns, and how they stand. */
import { proxy, type Remote, wrap } from 'comlink';
import type { EngineInfo } from '../../engine/types.ts';
import { type RaceSettings, runnersOf } from '../../train/race.ts';
import type { Fault } from '../../worker/protocol.ts';
import type { TurnsEvent } from '../../worker/trainingTurns.ts';
import { asFault } from '../session/faults.ts';
import type { Session } from '../session/session.ts';
import { computed, signal } from '../session/signals.ts';
import { readTraining, writeTraining } from './link.ts';

/** One point of a curve. */
export interface RacePoint {
  readonly step: number;
  readonly loss: number;
  readonly milliseconds: number;
}

export type RacePhase = 'rest' | 'starting' | 'going' | 'paused' | 'finishing' | 'finished' | 'failed';

/** A curve that has grown longer loses every second point. */
const MOST_POINTS = 60;

/** What the worker's trainers of all tasks can do. */
interface Turns {
  read(file: Blob): Promise<{ readonly settings: string }>;
  file(link: string): Promise<Blob>;
  set(settings: RaceSettings): Promise<void>;
  resume(): void;
  pause(): Promise<void>;
  finish(): void;
  close(): Promise<void>;
}

type Stood = { readonly runner: number; readonly step: number; readonly milliseconds: number };

/** Any of them. */
export type AnyRace = Pick<
  Running<Turns, { readonly info: EngineInfo }, Stood>,
  'phase' | 'holds' | 'settings' | 'running' | 'toggle' | 'start' | 'finish' | 'set'
>;

export abstract class Running<
  Service extends Turns,
  Ready extends { readonly info: EngineInfo },
  Standing extends Stood,
> {
  readonly phase = signal<RacePhase>('rest');
  /** The worker has models of this run: there is something to finish and to save. */
  readonly holds = signal(false);
  readonly ready = signal<Ready | null>(null);
  readonly standings = signal<readonly (Standing | null)[]>([null, null]);
  readonly curves = signal<readonly (readonly RacePoint[])[]>([[], []]);
  readonly fault = signal<Fault | null>(null);
  /** What was asked for since the run began is another shape: only a restart brings it. */
  readonly running = signal<RaceSettings | null>(null);
  private remote: Remote<Service> | null = null;
  private leave: () => void = () => {};
  private began = 0;
  /** Set going again when the tab is seen again. */
  private hidden = false;

  private readonly setup = computed(() => {
    const complaints: string[] = [];
    const settings = readTraining(this.session.training.get() ?? '1', (words) => void complaints.push(words));
    return { settings, complaints };
  });

  constructor(
    protected readonly session: Session,
    private readonly service: 'training' | 'text-training',
  ) {}

  /** Makes the models; `saved`: those of the file that was read last. */
  protected abstract prepare(
    service: Remote<Service>,
    settings: RaceSettings,
    hear: (event: TurnsEvent<Standing>) => void,
    saved: boolean,
  ): Promise<Ready>;
  /** Reads a file of what was learned; its settings, as a link has them. */
  protected abstract read(service: Remote<Service>, file: Blob): Promise<string>;
  /** Of the curve; null where there is none yet. */
  protected abstract lossOf(standing: Standing): number | null;

  get settings(): RaceSettings {
    return this.setup.get().settings;
  }

  /** What a link says of the race and could not be taken, a few words each. */
  get complaints(): readonly string[] {
    return this.setup.get().complaints;
  }

  protected get device(): 'auto' | 'cpu' {
    return this.session.place.device === 'cpu' ? 'cpu' : 'auto';
  }

  /** From new weights, with the settings that stand there. */
  start(): Promise<void> {
    return this.begin(false);
  }

  /** Goes on from a file of what was learned. */
  async open(file: Blob): Promise<void> {
    try {
      const settings = await this.read(await this.line(), file);
      this.session.training.choose(writeTraining(readTraining(settings, () => {})));
      await this.begin(true);
    } catch (thrown) {
      this.fault.set(asFault(thrown));
    }
  }

  /** All that was learned, as a file that `open` takes. */
  async file(): Promise<Blob> {
    if (!this.holds.get()) throw { code: 'bad-input', message: 'There are no weights to save. Train first.', hint: '' };
    const service = await this.line();
    return service.file(writeTraining(this.running.get() ?? this.settings));
  }

  private async begin(saved: boolean): Promise<void> {
    const mine = ++this.began;
    this.phase.set('starting');
    this.holds.set(false);
    this.fault.set(null);
    const settings = this.settings;
    this.curves.set(runnersOf(settings).map(() => []));
    this.standings.set(runnersOf(settings).map(() => null));
    try {
      const service = await this.line();
      const hear = proxy((event: TurnsEvent<Standing>) => {
        if (mine === this.began) this.hear(event);
      });
      const ready = await this.prepare(service, settings, hear, saved);
      if (mine !== this.began) return;
      this.ready.set(ready);
      this.holds.set(true);
      this.running.set(settings);
      if (this.settings !== settings) await service.set(this.settings);
      this.phase.set('going');
      if (document.hidden) this.hidden = true;
      else await service.resume();
    } catch (thrown) {
      if (mine !== this.began) return;
      this.fail(asFault(thrown));
      // The next try asks anew for what could not be fetched.
      if (this.fault.get()?.code === 'network') await this.leaveWorker();
    }
  }

  /** What a visitor brought cannot be learned. */
  refuse(message: string, hint: string): void {
    this.fault.set({ code: 'bad-input', message, hint });
  }

  async toggle(): Promise<void> {
    const phase = this.phase.get();
    if (phase === 'going' || phase === 'finishing') {
      this.phase.set('paused');
      await this.remote?.pause();
    } else if (phase === 'paused' || phase === 'finished') {
      this.phase.set('going');
      await this.remote?.resume();
    } else if (phase !== 'starting') {
      await this.start();
    }
  }

  async finish(): Promise<void> {
    if (!this.holds.get()) return;
    this.phase.set('finishing');
    await this.remote?.finish();
  }

  /** What can change at once does. */
  async set(changes: Partial<RaceSettings>): Promise<void> {
    this.session.training.choose(writeTraining({ ...this.settings, ...changes }));
    if (this.ready.get()) await this.remote?.set(this.settings).catch(() => {});
  }

  /** Nobody looks: nothing is computed. */
  readonly onVisibility = (): void => {
    const going = this.phase.get() === 'going' || this.phase.get() === 'finishing';
    if (document.hidden && going) {
      this.hidden = true;
      void this.remote?.pause();
    } else if (!document.hidden && this.hidden) {
      this.hidden = false;
      if (going) void this.remote?.resume();
    }
  };

  async close(): Promise<void> {
    this.began++;
    this.phase.set('rest');
    await this.leaveWorker();
  }

  private async leaveWorker(): Promise<void> {
    const service = this.remote;
    const leave = this.leave;
    this.remote = null;
    this.holds.set(false);
    this.leave = () => {};
    await service?.close().catch(() => {});
    leave();
  }

  private async line(): Promise<Remote<Service>> {
    if (this.remote) return this.remote;
    const began = this.began;
    const engineWorker = await this.session.client.engineWorker();
    // Whoever asked meanwhile has a line already.
    if (this.remote) return this.remote;
    if (began !== this.began) throw { code: 'cancelled', message: 'It was begun anew meanwhile.', hint: '' };
    const failed = (reason: string) => {
      this.remote = null;
      this.holds.set(false);
      this.began++;
      const message = 'The training has stopped, and its weights are lost: “Train” begins with new ones.';
      this.fail({ code: 'worker', message, hint: reason });
    };
    const entry = engineWorker.enter({ failed, silent: () => {} }, this.service);
    this.leave = entry.leave;
    this.remote = wrap<Service>(entry.port);
    return this.remote;
  }

  private hear(event: TurnsEvent<Standing>): void {
    if (event.type === 'fault') this.fail(event.fault);
    else if (event.type === 'finished') this.phase.set('finished');
    else if (event.type === 'standing') this.note(event.standing);
    else {
      this.fault.set(event.fault);
      const ready = this.ready.get();
      if (ready) this.ready.set({ ...ready, info: event.info });
    }
  }

  private note(standing: Standing): void {
    const put = <T>(list: readonly T[], value: T) => list.map((old, i) => (i === standing.runner ? value : old));
    this.standings.set(put(this.standings.get(), standing));
    const loss = this.lossOf(standing);
    if (loss === null) return;
    const { step, milliseconds } = standing;
    const curve = [...this.curves.get()[standing.runner], { step, loss, milliseconds }];
    const kept = curve.length > MOST_POINTS ? curve.filter((_, i) => i % 2 === 1 || i === curve.length - 1) : curve;
    this.curves.set(put(this.curves.get(), kept));
  }

  private fail(fault: Fault): void {
    this.fault.set(fault);
    this.phase.set('failed');
  }
}
