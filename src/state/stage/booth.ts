/** A booth: shows scene after scene until somebody touches it, is theirs, and begins again when they have gone. */
import { signal } from '@lit-labs/signals';
import { DEFAULT_STATE } from '../address/address.ts';
import type { Hideable, Theme } from '../address/types.ts';
import { leaveImport } from '../importing.ts';
import type { Session } from '../session.ts';
import { type Clock, Idle } from './idle.ts';
import type { Presenting } from './presenting.ts';

const IDLE_MILLISECONDS = 60_000;
/** A scene of a list that plans no time. */
const SCENE_SECONDS = 20;
/** What leads out of the page, or to files that no visitor of a booth has. */
const HIDDEN: readonly Hideable[] = ['model', 'share', 'article'];

export class Booth {
  /** Nobody is there. */
  readonly attracting = signal(true);
  private readonly idle: Idle;
  private readonly theme: Theme | null;
  private cancel: (() => void) | null = null;

  constructor(
    private readonly session: Session,
    private readonly talk: Presenting,
    private readonly clock: Clock,
  ) {
    this.theme = session.appearance.chosen.get();
    this.idle = new Idle(clock, IDLE_MILLISECONDS, () => this.attract());
  }

  /** The loop, from its first scene. Whatever the last visitor did is undone. */
  attract(): void {
    leaveImport(this.session);
    this.session.notice.set(null);
    this.session.appearance.chosen.set(this.theme);
    this.attracting.set(true);
    this.talk.goTo(1);
    this.next();
  }

  /** Somebody did something; the first time the page becomes theirs. */
  touch(): void {
    this.idle.touch();
    if (!this.attracting.get()) return;
    this.attracting.set(false);
    this.cancel?.();
    this.cancel = null;
    const { kiosk, scenes } = this.session.stage.get();
    void this.session.carrier.go({ ...DEFAULT_STATE, kiosk, scenes, hide: HIDDEN, write: true });
  }

  stop(): void {
    this.idle.stop();
    this.cancel?.();
  }

  private next(): void {
    this.cancel?.();
    if (!this.attracting.get()) return;
    const seconds = this.talk.scene.get()?.seconds ?? SCENE_SECONDS;
    this.cancel = this.clock.after(seconds * 1000, () => {
      const number = this.talk.number.get();
      this.talk.goTo(number < this.talk.count ? number + 1 : 1);
      this.next();
    });
  }
}
