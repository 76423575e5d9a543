/** A race of painters on the page: a MoE and its dense twins, trained by the worker, and how they stand. */
import { proxy, type Remote } from 'comlink';
import type { Pixels } from '../../reference/painter/inputs.ts';
import type { RaceSettings } from '../../train/race.ts';
import type { RaceEvent, RaceReady, Standing, Training } from '../../worker/training.ts';
import type { TurnsEvent } from '../../worker/trainingTurns.ts';
import type { Session } from '../session/session.ts';
import { signal } from '../session/signals.ts';
import { Running } from './running.ts';

export class Race extends Running<Training, RaceReady, Standing> {
  /** The visitor's own picture. */
  readonly picture = signal<Pixels | null>(null);
  /** What they learn to paint, as large as they do; it is here before they are. */
  readonly target = signal<Pixels | null>(null);

  constructor(session: Session) {
    super(session, 'training');
  }

  /** Begins with this picture; null: the one that is drawn. */
  paint(picture: Pixels | null): Promise<void> {
    this.picture.set(picture);
    return this.start();
  }

  switchExpert(layer: number, expert: number): Promise<void> {
    const { off } = this.settings;
    const others = off.filter(([l, e]) => l !== layer || e !== expert);
    return this.set({ off: others.length < off.length ? others : [...off, [layer, expert]] });
  }

  protected prepare(
    service: Remote<Training>,
    settings: RaceSettings,
    hear: (event: TurnsEvent<Standing>) => void,
    saved: boolean,
  ): Promise<RaceReady> {
    const heard = proxy((event: RaceEvent) => {
      if (event.type === 'target') this.target.set(event.target);
      else hear(event);
    });
    return service.prepare({ settings, picture: this.picture.get(), device: this.device, saved }, heard);
  }

  protected async read(service: Remote<Training>, file: Blob): Promise<string> {
    return (await service.read(file)).settings;
  }

  protected lossOf({ loss }: Standing): number | null {
    return loss;
  }
}
