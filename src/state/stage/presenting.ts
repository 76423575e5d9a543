/** A talk: scene by scene the page goes to a state of its own, as if a link had been followed. */

import type { Fault } from '../../worker/protocol.ts';
import { DEFAULT_STATE, writeAddress } from '../address/address.ts';
import type { Hideable, PageState } from '../address/types.ts';
import { asFault } from '../faults.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { computed, signal } from '../signals.ts';
import { TOUR } from '../tour.ts';
import { fetchScenes } from './lists.ts';
import type { Scene, SceneList } from './scenes.ts';

const HIDDEN: readonly Hideable[] = [
  ...(['model', 'theme', 'share', 'status', 'transport', 'presets'] as const),
  ...(['prompt', 'sampling', 'tabs', 'cost', 'tour', 'article'] as const),
];
const NO_STAGE = { scenes: null, scene: 0, kiosk: null } as const;

export class Presenting {
  readonly list = signal<SceneList | null>(null);
  /** The writing is held, and with it the picture. */
  readonly frozen = signal(false);
  readonly spotlight = signal(true);
  /** The number of the scene, from 1; 0 before there is one. */
  readonly number = computed(() => Math.min(this.session.stage.get().scene, this.list.get()?.scenes.length ?? 0));
  readonly scene = computed((): Scene | null => this.list.get()?.scenes[this.number.get() - 1] ?? null);
  /** What leaving gives back. */
  readonly before: PageState;
  private writeAfter = false;
  private closed = false;
  private readonly stopFollowing: () => void;

  constructor(
    private readonly session: Session,
    private readonly name: string,
    talkBefore: Presenting | null = null,
  ) {
    const now = talkBefore?.before ?? session.carrier.state();
    // Whoever comes by a link that leads into the middle of a talk has no page of their own to go back to.
    this.before = now.scene > 0 ? { ...DEFAULT_STATE, theme: now.theme } : now;
    this.stopFollowing = follow(() => {
      if (this.frozen.get() && session.phase.get() === 'going') queueMicrotask(() => session.writing.pause());
    });
  }

  /** Fetches the list and goes to its scene; what is wrong with it, if anything. A link that carries more than the scene is left as it stands. */
  async begin(): Promise<Fault | null> {
    const { session } = this;
    try {
      this.list.set(await fetchScenes(this.name));
    } catch (thrown) {
      return asFault(thrown);
    }
    if (this.closed) return null;
    const { scene } = session.stage.get();
    const bare = writeAddress({ ...session.carrier.state(), ...NO_STAGE, theme: null }) === '';
    if (scene === 0 || bare || scene > this.count) this.goTo(Math.max(1, scene));
    return null;
  }

  /** There is no talk: what stands on the page stays. */
  giveUp(fault: Fault): void {
    this.session.tell(fault, 'fault', ['dismiss']);
    this.session.stage.set(NO_STAGE);
  }

  get count(): number {
    return this.list.get()?.scenes.length ?? 0;
  }

  /** To a scene; beyond the ends is the last and the first. */
  goTo(number: number): void {
    const { session } = this;
    const list = this.list.get();
    if (!list) return;
    const at = Math.min(this.count, Math.max(1, number));
    const scene = list.scenes[at - 1];
    if (this.frozen.get()) this.freeze();
    this.spotlight.set(true);
    const hide = scene.state.hide.length
      ? scene.state.hide
      : HIDDEN.filter((part) => part !== 'cost' || scene.spotlight !== 'cost-strip');
    void session.carrier.go({
      ...scene.state,
      ...(scene.tour === null ? {} : TOUR[scene.tour - 1].set(session)),
      kiosk: session.stage.get().kiosk,
      hide,
      theme: scene.state.theme,
      scenes: this.name,
      scene: at,
      // Two that compute at once would halve each other's speed.
      write: scene.state.train === null,
    });
  }

  move(by: number): void {
    const to = this.number.get() + by;
    if (to >= 1 && to <= this.count) this.goTo(to);
  }

  /** Holds the text where it is, or lets it go on. */
  freeze(): void {
    const { session } = this;
    const { writing } = session;
    const frozen = !this.frozen.get();
    this.frozen.set(frozen);
    if (frozen) {
      this.writeAfter = writing.asked.get();
      writing.asked.set(false);
      writing.pause();
    } else if (this.writeAfter) {
      void writing.write();
    } else if (session.phase.get() === 'paused') {
      void writing.toggle();
    }
  }

  /** Back to the page as it was before the talk. */
  async leave(): Promise<void> {
    await this.session.carrier.go({ ...this.before, ...NO_STAGE });
  }

  /** Follows nothing any more, and goes nowhere once its list is here. */
  close(): void {
    this.closed = true;
    this.stopFollowing();
  }
}
