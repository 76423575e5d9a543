/** A booth: shows scene after scene until somebody touches it, is theirs, and begins again when they have gone. */

import type { Fault } from '../../worker/protocol.ts';
import { DEFAULT_STATE } from '../address/address.ts';
import type { PageState } from '../address/keys.ts';
import type { Hideable, Theme } from '../address/types.ts';
import type { Session } from '../session/session.ts';
import { signal } from '../session/signals.ts';
import { leaveImport } from '../share/importing.ts';
import { PRESETS } from '../text/presets.ts';
import { Flow, kindOf } from './flow.ts';
import { type Clock, Idle } from './idle.ts';
import { type Turn, take } from './knobs.ts';
import { Presenting } from './presenting.ts';

const IDLE_MILLISECONDS = 60_000;
/** For a booth that names no list, or one that cannot be had. */
const USUAL_SCENES = '3-minutes';
/** A scene of a list that plans no time. */
const SCENE_SECONDS = 20;
/** What leads out of the page, or to files that no visitor of a booth has. */
const HIDDEN: readonly Hideable[] = ['model', 'share', 'tour', 'article'];

export class Booth {
  /** Nobody is there. */
  readonly attracting = signal(false);
  readonly talk = signal<Presenting | null>(null);
  /** What is wrong with the list that was asked for. */
  readonly fault = signal<Fault | null>(null);
  private readonly idle: Idle;
  private readonly theme: Theme | null;
  private readonly flow: Flow;
  private cancel: (() => void) | null = null;
  /** Resolves when the page is the visitor's. */
  private theirs: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly session: Session,
    private readonly clock: Clock,
    /** The loop begins, or begins again: nobody would be disturbed now. */
    private readonly onRest: () => void,
  ) {
    const { kiosk, scenes } = session.stage.get();
    session.pageLink.bind = (state: PageState) => ({
      ...state,
      kiosk,
      scenes,
      step: null,
      hide: [...new Set([...state.hide, ...HIDDEN])],
    });
    this.theme = session.appearance.chosen.get();
    this.flow = new Flow(session, clock, () => this.nextKind());
    this.idle = new Idle(clock, IDLE_MILLISECONDS, () => this.attract());
  }

  /** Fetches the scenes and begins the loop. */
  async begin(): Promise<void> {
    const { scenes } = this.session.stage.get();
    const fault = await this.show(scenes ?? USUAL_SCENES);
    if (fault && scenes && !this.stopped) await this.show(USUAL_SCENES);
    this.fault.set(fault);
    if (!this.stopped) this.attract();
  }

  /** The loop, from its first scene. Whatever the last visitor did is undone. */
  attract(): void {
    leaveImport(this.session);
    this.session.dismissNotice();
    this.session.appearance.take(this.theme);
    this.attracting.set(true);
    const talk = this.talk.get();
    if (talk?.count) talk.goTo(1);
    else void this.session.pageLink.go({ ...DEFAULT_STATE, write: true });
    this.next();
    this.onRest();
  }

  /** Somebody did something; the first time the page becomes theirs. */
  touch(): void {
    this.idle.touch();
    if (!this.attracting.get()) return;
    this.attracting.set(false);
    this.cancel?.();
    this.cancel = null;
    // Whoever comes while the painters learn has come for them.
    const train = this.session.training.get();
    this.theirs = this.session.pageLink.go({ ...DEFAULT_STATE, train, write: train === null });
  }

  /** The pointer moves: whoever is here still is, but nobody has come. */
  stir(): void {
    if (!this.attracting.get()) this.idle.touch();
  }

  /** A knob was turned. What it asks for comes after all that the first touch sets. */
  async turn(turn: Turn): Promise<void> {
    this.touch();
    await this.theirs;
    if (!this.attracting.get()) await take(this.session, turn);
  }

  stop(): void {
    this.stopped = true;
    this.flow.close();
    this.talk.get()?.close();
    this.idle.stop();
    this.cancel?.();
    this.session.pageLink.bind = (state) => state;
  }

  /** Where not one list can be had, text after text, of every kind. */
  private nextKind(): string | undefined {
    if (!this.attracting.get() || this.talk.get()?.scene.get()) return undefined;
    const at = PRESETS.findIndex(({ domain }) => domain === kindOf(this.session.prompt.get()));
    return PRESETS[(at + 1) % PRESETS.length].domain;
  }

  private async show(scenes: string): Promise<Fault | null> {
    this.talk.get()?.close();
    const talk = new Presenting(this.session, scenes, null, this.clock);
    this.talk.set(talk);
    return talk.begin();
  }

  private next(): void {
    this.cancel?.();
    const talk = this.talk.get();
    if (!this.attracting.get() || !talk) return;
    const seconds = talk.scene.get()?.seconds ?? SCENE_SECONDS;
    this.cancel = this.clock.after(seconds * 1000, () => {
      const number = talk.number.get();
      const again = number >= talk.count;
      talk.goTo(again ? 1 : number + 1);
      this.next();
      if (again) this.onRest();
    });
  }
}
