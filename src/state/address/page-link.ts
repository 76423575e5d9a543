/**
 * Ties the page to its address. A link is read at the start and whenever another one is followed; every change of the page
 * is written back in place, so that the address is always a link to what stands there and the history stays short.
 */

import { TOUR } from '../page/tour.ts';
import { follow } from '../session/follow.ts';
import type { Page } from '../session/page.ts';
import { type Choice, signal } from '../session/signals.ts';
import { DEFAULT_STATE, type ReadState, readAddress, writeAddress } from './address.ts';
import { complaint, fitToShape } from './fit.ts';
import type { PageState } from './keys.ts';
import { snapshot, standsAt, textOf } from './snapshot.ts';

/** Browsers count how often a page rewrites its address. */
const QUIET_MILLISECONDS = 300;

export class PageLink {
  /** What a link asks of a model that is not open yet. */
  private readonly pending = signal<PageState | null>(null);
  /** A token to be pinned as soon as it is written. */
  private readonly tokenToCome = signal<number | null>(null);
  /** The wall is to be ordered by load as soon as its text has ended. */
  private readonly orderToCome = signal(false);
  private askedToWrite = false;
  private beforeTour: PageState | null = null;
  private complaints: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private following: (() => void)[] = [];
  /** What holds of every link that is followed: a booth is not left by one. */
  bind = (state: PageState): PageState => state;

  constructor(private readonly session: Page) {}

  /** Reads the address. True when it asks for a text of its own, before which no other must be shown. */
  begin(): boolean {
    const read = this.read();
    this.show(read);
    this.pending.set(read.state);
    this.following = [
      this.session.place.address.follow(() => void this.followLink()),
      follow(() => this.pinToken()),
      follow(() => this.orderWall()),
      follow(() => this.keep()),
    ];
    return this.asksForText(read.state);
  }

  /** Follows nothing any more. */
  leave(): void {
    clearTimeout(this.timer);
    for (const stop of this.following) stop();
  }

  /** The page as it stands. Until the model is here, what the link asks of it counts as done. */
  state(): PageState {
    const now = snapshot(this.session);
    const pending = this.pending.get();
    return {
      ...now,
      ...(pending && { interventions: pending.interventions }),
      model: now.model ?? pending?.model ?? null,
      experts: pending?.experts.length ? pending.experts : now.experts,
      order: this.orderToCome.get() ? 'load' : now.order,
      until: now.until ?? this.session.writing.begun.linked,
      token: now.token ?? this.tokenToCome.get() ?? pending?.token ?? null,
      write: this.askedToWrite,
    };
  }

  /** The page as it stands, with `changes`, as a reference within it; whoever follows it sees the text at once. */
  reference(changes: Partial<PageState> = {}): string {
    const live = this.session.source.get().kind === 'live';
    const now = this.state();
    const next = { ...now, write: live, ...changes };
    // Of another text nothing stands here.
    const until = textOf(next) === textOf(now) ? next.until : (changes.until ?? null);
    return `#${writeAddress({ ...next, until })}`;
  }

  /** How much of the text a link to it as it stands shows; null: all of it. */
  standsAt(): number | null {
    return standsAt(this.session, this.state());
  }

  /** The same as an address that can be sent. */
  link(changes: Partial<PageState> = {}): string {
    return this.session.place.address.link(this.reference(changes)).replace(/#$/, '');
  }

  /** A step of the tour, from 1. */
  stepReference(step: number): string {
    return this.reference({ ...TOUR[step - 1].set(this.session), step });
  }

  /** Back to what the visitor had before the tour. */
  async leaveTour(): Promise<void> {
    const before = this.beforeTour ?? { ...this.state(), ...TOUR[0].set(this.session) };
    this.beforeTour = null;
    await this.go({ ...before, step: null });
  }

  /** Goes to a state without a new entry in the history. */
  async go(state: PageState): Promise<void> {
    this.session.place.address.write(writeAddress(state));
    await this.followLink();
  }

  /** Which model the link asks for; null is the default one. */
  get model(): string | null {
    return this.pending.get()?.model ?? null;
  }

  /** The link asks for a model that this page does not have. */
  noSuchModel(): void {
    const wanted = this.pending.get();
    if (!wanted) return;
    this.complain([`model “${wanted.model}” (unknown, the default one is opened)`]);
    this.pending.set({ ...wanted, model: null });
  }

  /** The model is open: now the link's layers, experts and interventions can be had. */
  async arrive(): Promise<void> {
    const { session } = this;
    const pending = this.pending.get();
    const opened = session.opened.get();
    if (!pending || !opened) return;
    const { layers, experts, expertsPerToken } = opened.model;
    const wanted = { ...pending, layer: session.chosenLayer.get() };
    const { state, complaints } = fitToShape(wanted, { layers, experts, expertsPerToken });
    session.chosenLayer.choose(state.layer);
    if (state.interventions.length || session.interventions.get().length) {
      if (session.source.get().kind !== 'live') session.writing.showLive();
      await session.setInterventions(state.interventions);
    }
    for (const expert of state.experts) session.selection.pin(expert);
    this.tokenToCome.set(state.token);
    this.pending.set(null);
    this.complain(complaints);
  }

  /** A link that names nothing but a step of the tour has all that the step sets. */
  private read(): ReadState {
    const address = readAddress(this.session.place.address.read());
    const read = { ...address, state: this.bind(address.state) };
    const { step, theme } = read.state;
    const bare = writeAddress({ ...DEFAULT_STATE, step, theme }) === writeAddress(read.state);
    if (step === null || !bare) return read;
    return { ...read, state: { ...read.state, ...TOUR[step - 1].set(this.session) } };
  }

  private asksForText(state: PageState): boolean {
    return state.write || state.until !== null || textOf(state) !== '';
  }

  /** All that needs no model. */
  private show({ state, complaints }: ReadState): void {
    const { session } = this;
    const { temperature, topK, topP, seed } = state.sampling;
    for (const [name, choice] of Object.entries(session.linked))
      (choice as Choice<unknown>).choose(state[name as keyof PageState]);
    session.sampling.choose({
      temperature: String(temperature),
      topK: String(topK),
      topP: String(topP),
      seed: String(seed),
      length: String(state.length),
    });
    session.writing.begun.linked = state.until;
    if (session.pace.get() !== state.pace) session.writing.setPace(state.pace);
    session.wall.unsort();
    this.orderToCome.set(state.order === 'load');
    session.runsAsked = state.view === 'runs' && this.asksForText(state);
    session.stage.choose({ scenes: state.scenes, scene: state.scene, kiosk: state.kiosk });
    // A link without a theme leaves the visitor theirs.
    if (state.theme) session.appearance.take(state.theme);
    this.askedToWrite = state.write;
    this.complaints = [];
    this.complain(complaints);
  }

  private async followLink(): Promise<void> {
    const { session } = this;
    const before = this.state();
    const read = this.read();
    const { state } = read;
    if (state.step === null) this.beforeTour = null;
    else if (before.step === null) this.beforeTour = before;
    this.show(read);
    const empty = session.source.get().kind !== 'live' || session.trace.count === 0;
    const anew = textOf(state) !== textOf(before) || ((state.write || state.until !== null) && empty);
    if (!anew) session.writing.begun.linked = null;
    session.selection.unpin();
    this.pending.set(state);
    if (anew) session.writing.ask();
    const { phase } = session.engine.get();
    // Before that the page has not asked for any.
    if (phase !== 'waiting' && state.model !== before.model) return session.opening.openLinked();
    if (phase !== 'ready') return;
    if (anew) await session.writing.halt();
    await this.arrive();
    if (anew) await session.writing.write();
  }

  private pinToken(): void {
    const { session } = this;
    const token = this.tokenToCome.get();
    const { asked, reading } = session.writing;
    session.trace.version.get();
    // While another text is asked for, the old one still stands.
    if (
      token === null ||
      asked.get() ||
      reading.get() ||
      session.source.get().kind !== 'live' ||
      session.trace.count <= token
    )
      return;
    session.selection.pinToken(token);
    this.tokenToCome.set(null);
  }

  private orderWall(): void {
    const { session } = this;
    if (!this.orderToCome.get()) return;
    const { asked, reading } = session.writing;
    const over = session.source.get().kind === 'live' && session.phase.get() === 'ended';
    if (over && !asked.get() && !reading.get()) session.wall.sort();
    // Ordered now, or by the visitor before that.
    if (session.wall.order.get()) this.orderToCome.set(false);
  }

  private complain(complaints: readonly string[]): void {
    if (!complaints.length) return;
    this.complaints.push(...complaints);
    const message = complaint(this.complaints);
    if (message) this.session.tell({ code: 'link', message, hint: '' }, 'news', ['dismiss']);
  }

  private keep(): void {
    const next = writeAddress(this.state());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.session.place.address.write(next), QUIET_MILLISECONDS);
  }
}
