/** A talk: scene by scene the page goes to a state of its own, as if a link had been followed. */

import type { Fault } from '../../worker/protocol.ts';
import { DEFAULT_STATE, writeAddress } from '../address/address.ts';
import type { PageState } from '../address/keys.ts';
import { textOf } from '../address/snapshot.ts';
import type { Hideable } from '../address/types.ts';
import { TOUR } from '../page/tour.ts';
import { asFault } from '../session/faults.ts';
import { follow } from '../session/follow.ts';
import { NO_STAGE } from '../session/page-store.ts';
import type { Session } from '../session/session.ts';
import { computed, signal, untracked } from '../session/signals.ts';
import { nextAct } from '../text/next-act.ts';
import { PRESETS } from '../text/presets.ts';
import { Flow, kindOf } from './flow.ts';
import { type Clock, systemClock } from './idle.ts';
import { KnockingOut } from './knock-out.ts';
import { fetchScenes } from './lists.ts';
import { Others } from './others.ts';
import type { Picture, Scene, SceneList } from './scenes.ts';

const HIDDEN: readonly Hideable[] = [
  ...(['model', 'theme', 'share', 'status', 'transport', 'presets'] as const),
  ...(['prompt', 'sampling', 'tabs', 'cost', 'tour', 'article'] as const),
];
/** Kinds that share most of their experts, so that another one differs from each of them. */
const ENGLISH = ['story', 'prose', 'verse'];
/** The kind whose experts serve hardly any other. */
const OTHER = 'french';

const promptOf = (kind: string): string => PRESETS.find(({ domain }) => domain === kind)!.prompt;

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
  /** Which experts the kinds of text use, while a scene shows it. */
  readonly others = signal<Others | null>(null);
  readonly knockingOut: KnockingOut;
  private readonly flow: Flow;
  private writeAfter = false;
  private closed = false;
  private readonly stopFollowing: () => void;

  constructor(
    private readonly session: Session,
    private readonly name: string,
    talkBefore: Presenting | null = null,
    private readonly clock: Clock = systemClock,
  ) {
    const now = talkBefore?.before ?? session.pageLink.state();
    // Whoever comes by a link that leads into the middle of a talk has no page of their own to go back to.
    this.before = now.scene > 0 ? { ...DEFAULT_STATE, theme: now.theme } : now;
    this.knockingOut = new KnockingOut(session, OTHER);
    this.flow = new Flow(session, clock, () => this.nextKind());
    const stopPausing = follow(() => {
      if (this.frozen.get() && session.phase.get() === 'going') queueMicrotask(() => session.writing.pause());
    });
    const stopShowing = follow(() => {
      const picture = this.scene.get()?.picture ?? null;
      untracked(() => this.show(picture));
    });
    this.stopFollowing = () => {
      stopPausing();
      stopShowing();
    };
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
    void this.prepare();
    const { scene } = session.stage.get();
    const bare = writeAddress({ ...session.pageLink.state(), ...NO_STAGE, theme: null }) === '';
    if (scene === 0 || bare || scene > this.count) this.goTo(Math.max(1, scene));
    return null;
  }

  /** There is no talk: what stands on the page stays. */
  giveUp(fault: Fault): void {
    // It stands until it was read, whatever is written meanwhile.
    this.session.tell({ ...fault, code: 'link' }, 'fault', ['dismiss']);
    this.session.present(null);
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
    const picture = this.pictured(scene);
    const hide =
      scene.picture || scene.state.hide.length
        ? scene.state.hide
        : HIDDEN.filter((part) => part !== 'cost' || scene.spotlight !== 'cost-strip');
    void session.pageLink.go({
      ...scene.state,
      ...picture,
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

  /** What a picture sets beside the scene's own link. */
  private pictured({ picture, state }: Scene): Partial<PageState> {
    if (!picture || textOf(state) !== '') return {};
    if (picture === 'proof') return { prompt: promptOf(OTHER), interventions: this.knockingOut.off() };
    const now = this.session.pageLink.state();
    // The text goes on from scene to scene, unless something was done to its routers.
    if (now.interventions.length || now.model !== state.model) return {};
    const { prompt, sampling, length } = now;
    return ENGLISH.some((kind) => promptOf(kind) === prompt) ? { prompt, sampling, length } : {};
  }

  /** The kind of text that follows in this scene; undefined while none may. */
  private nextKind(): string | null | undefined {
    const scene = this.scene.get();
    if (!scene || this.frozen.get()) return undefined;
    const others = this.others.get();
    if (others) return others.next();
    // A text that the list asks for stays that text.
    if (!scene.picture || scene.picture === 'proof' || textOf(scene.state) !== '') return null;
    const now = kindOf(this.session.prompt.get()) ?? '';
    return ENGLISH[(ENGLISH.indexOf(now) + 1) % ENGLISH.length];
  }

  private show(picture: Picture | null): void {
    this.others.get()?.close();
    const write = (kind: string) => {
      if (!this.frozen.get() && this.session.source.get().kind === 'live') void this.flow.write(kind);
    };
    this.others.set(
      picture === 'kinds' ? new Others(this.session, this.clock, OTHER, write, () => this.knockingOut.shares()) : null,
    );
    if (picture === 'proof') void this.prove();
  }

  /** What scenes to come will ask for. */
  private async prepare(): Promise<void> {
    if (this.list.get()?.scenes.some(({ picture }) => picture === 'proof' || picture === 'kinds'))
      await this.knockingOut.fetch();
  }

  /** The scene's text is written without the experts, once it is known which. */
  private async prove(): Promise<void> {
    const { session, knockingOut } = this;
    const here = () => !this.closed && this.scene.get()?.picture === 'proof';
    if (!knockingOut.get()) {
      await knockingOut.fetch();
      if (here() && knockingOut.get() && !session.interventions.get().length) this.goTo(this.number.get());
    }
    if (here()) await knockingOut.measure();
  }

  move(by: number): void {
    const to = this.number.get() + by;
    if (to >= 1 && to <= this.count) this.goTo(to);
  }

  /** Lights what the scene points at, or all alike. */
  light(): void {
    this.spotlight.set(!this.spotlight.get());
  }

  /** Holds the text where it is, or lets it go on. */
  freeze(): void {
    const { session } = this;
    const { writing } = session;
    const frozen = !this.frozen.get();
    this.frozen.set(frozen);
    if (frozen) {
      this.writeAfter = writing.ask(false);
      writing.pause();
    } else if (this.writeAfter) {
      void writing.write();
    } else if (nextAct(session) === 'go-on') {
      void writing.toggle();
    }
  }

  /** Back to the page as it was before the talk. */
  async leave(): Promise<void> {
    await this.session.pageLink.go({ ...this.before, ...NO_STAGE });
  }

  /** Follows nothing any more, and goes nowhere once its list is here. */
  close(): void {
    this.closed = true;
    this.flow.close();
    this.others.get()?.close();
    this.stopFollowing();
  }
}
