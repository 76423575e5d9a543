/** A race on the page: a MoE and its dense twins, trained by the worker, and how they stand. */
import { proxy, type Remote, wrap } from 'comlink';
import type { Pixels } from '../../reference/painter/inputs.ts';
import { type RaceSettings, runnersOf } from '../../train/race.ts';
import type { Fault } from '../../worker/protocol.ts';
import type { RaceEvent, RaceReady, Standing, Training } from '../../worker/training.ts';
import { asFault } from '../faults.ts';
import type { Session } from '../session.ts';
import { computed, signal } from '../signals.ts';
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

export class Race {
  readonly phase = signal<RacePhase>('rest');
  readonly ready = signal<RaceReady | null>(null);
  readonly standings = signal<readonly (Standing | null)[]>([null, null]);
  readonly curves = signal<readonly (readonly RacePoint[])[]>([[], []]);
  readonly fault = signal<Fault | null>(null);
  /** What was asked for since the run began is another shape: only a restart brings it. */
  readonly running = signal<RaceSettings | null>(null);
  /** The visitor's own picture. */
  readonly picture = signal<Pixels | null>(null);
  #service: Remote<Training> | null = null;
  #leave: () => void = () => {};
  #began = 0;
  /** Set going again when the tab is seen again. */
  #hidden = false;

  readonly #setup = computed(() => {
    const complaints: string[] = [];
    const settings = readTraining(this.session.training.get() ?? '1', (words) => void complaints.push(words));
    return { settings, complaints };
  });

  constructor(private readonly session: Session) {}

  get settings(): RaceSettings {
    return this.#setup.get().settings;
  }

  /** What a link says of the race and could not be taken, a few words each. */
  get complaints(): readonly string[] {
    return this.#setup.get().complaints;
  }

  /** From new weights, or from those of the file that was read last, with the settings that stand there. */
  async start(saved = false): Promise<void> {
    const mine = ++this.#began;
    const device = this.session.place.device === 'cpu' ? 'cpu' : 'auto';
    this.phase.set('starting');
    this.fault.set(null);
    const settings = this.settings;
    this.curves.set(runnersOf(settings).map(() => []));
    this.standings.set(runnersOf(settings).map(() => null));
    try {
      const service = await this.#line();
      const hear = proxy((event: RaceEvent) => {
        if (mine === this.#began) this.#hear(event);
      });
      const ready = await service.prepare({ settings, picture: this.picture.get(), device, saved }, hear);
      if (mine !== this.#began) return;
      this.ready.set(ready);
      this.running.set(settings);
      if (this.settings !== settings) await service.set(this.settings);
      this.phase.set('going');
      if (document.hidden) this.#hidden = true;
      else await service.resume();
    } catch (thrown) {
      if (mine === this.#began) this.#fail(asFault(thrown));
    }
  }

  async toggle(): Promise<void> {
    const phase = this.phase.get();
    if (phase === 'going' || phase === 'finishing') {
      this.phase.set('paused');
      await this.#service?.pause();
    } else if (phase === 'paused' || phase === 'finished') {
      this.phase.set('going');
      await this.#service?.resume();
    } else if (phase !== 'starting') {
      await this.start();
    }
  }

  async finish(): Promise<void> {
    this.phase.set('finishing');
    await this.#service?.finish();
  }

  /** Goes on from a file of weights. */
  async open(file: Blob): Promise<void> {
    try {
      const service = await this.#line();
      this.session.training.set(writeTraining(readTraining(await service.read(file), () => {})));
      await this.start(true);
    } catch (thrown) {
      this.fault.set(asFault(thrown));
    }
  }

  /** All that was learned, as a file that `open` takes. */
  async file(): Promise<Blob> {
    const service = await this.#line();
    return service.file(writeTraining(this.running.get() ?? this.settings));
  }

  /** What can change at once does. */
  async set(changes: Partial<RaceSettings>): Promise<void> {
    this.session.training.set(writeTraining({ ...this.settings, ...changes }));
    if (this.ready.get()) await this.#service?.set(this.settings).catch(() => {});
  }

  switchExpert(layer: number, expert: number): Promise<void> {
    const { off } = this.settings;
    const others = off.filter(([l, e]) => l !== layer || e !== expert);
    return this.set({ off: others.length < off.length ? others : [...off, [layer, expert]] });
  }

  /** Nobody looks: nothing is computed. */
  readonly onVisibility = (): void => {
    const going = this.phase.get() === 'going' || this.phase.get() === 'finishing';
    if (document.hidden && going) {
      this.#hidden = true;
      void this.#service?.pause();
    } else if (!document.hidden && this.#hidden) {
      this.#hidden = false;
      if (going) void this.#service?.resume();
    }
  };

  async close(): Promise<void> {
    this.#began++;
    this.phase.set('rest');
    const service = this.#service;
    this.#service = null;
    await service?.close().catch(() => {});
    this.#leave();
  }

  async #line(): Promise<Remote<Training>> {
    if (this.#service) return this.#service;
    const workshop = await this.session.client.workshop();
    const failed = (reason: string) => {
      this.#service = null;
      this.#began++;
      this.#fail({ code: 'worker', message: 'The training has stopped. What was painted is kept.', hint: reason });
    };
    const seat = workshop.enter({ failed, silent: () => {} }, 'training');
    this.#leave = seat.leave;
    this.#service = wrap<Training>(seat.port);
    return this.#service;
  }

  #hear(event: RaceEvent): void {
    if (event.type === 'fault') this.#fail(event.fault);
    else if (event.type === 'told') this.fault.set(event.fault);
    else if (event.type === 'finished') this.phase.set('finished');
    else this.#take(event.standing);
  }

  #take(standing: Standing): void {
    const put = <T>(list: readonly T[], value: T) => list.map((old, i) => (i === standing.runner ? value : old));
    this.standings.set(put(this.standings.get(), standing));
    const { step, loss, milliseconds } = standing;
    if (loss === null) return;
    const curve = [...this.curves.get()[standing.runner], { step, loss, milliseconds }];
    const kept = curve.length > MOST_POINTS ? curve.filter((_, i) => i % 2 === 1 || i === curve.length - 1) : curve;
    this.curves.set(put(this.curves.get(), kept));
  }

  #fail(fault: Fault): void {
    this.fault.set(fault);
    this.phase.set('failed');
  }
}
