/** A talk: the scene's words in large type, the keys of a clicker, notes and time for the speaker. */
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Presenting } from '../../state/stage/presenting.ts';
import { clock, forgetStart, keepStart, keptStart, planned } from '../../state/stage/time.ts';
import type { Target } from '../../state/tour.ts';
import { Around } from '../around.ts';
import { isFree } from '../keys.ts';
import { controls, SessionElement } from '../shared.ts';
import { factsOf } from '../tour-texts.ts';
import { captionStyles } from './caption-styles.ts';
import { fill } from './fill.ts';
import { notesOf, notesStyles } from './notes.ts';
import { type Desk, NotesWindow } from './notes-window.ts';

@customElement('talk-stage')
export class TalkStage extends SessionElement {
  /** Finds a part of the page. */
  @property({ attribute: false }) find!: (target: Target) => HTMLElement | null;
  /** Of the list of scenes. */
  @property({ attribute: false }) name!: string;
  @state() private talk: Presenting | null = null;
  @state() private seconds = 0;
  /** The browser let no second window open: the notes stand in the page. */
  @state() private notesHere = false;
  private begun = 0;
  private told = 0;
  private notes: NotesWindow | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly light = new Around(this, () => {
    const target = this.talk?.scene.get()?.spotlight;
    return target && this.talk?.spotlight.get() ? this.find(target) : null;
  });
  private readonly room = new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty('--caption', `${entry.target.getBoundingClientRect().height}px`);
    this.light.show('nearest');
  });

  static override styles = [
    controls,
    captionStyles,
    notesStyles,
    css`
      nav {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.35rem;
        font-size: var(--size-1);
      }
      nav button {
        min-height: var(--touch);
        min-width: var(--touch);
      }
      nav .where {
        padding: 0 0.6rem;
        white-space: nowrap;
      }
      nav .time {
        margin-left: auto;
      }
      [aria-pressed='true'] {
        background: var(--ink);
        border-color: var(--ink);
        color: var(--paper);
      }
      .notice {
        font-size: var(--size-1);
      }
      kbd {
        font: inherit;
        color: inherit;
        opacity: 0.75;
      }
      @media (max-width: 46rem) {
        kbd {
          display: none;
        }
        nav button {
          padding: 0 0.6rem;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.onKey);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.onKey);
    clearInterval(this.timer);
    this.room.disconnect();
    this.notes?.close();
    this.talk?.close();
    forgetStart();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('name')) return;
    const before = this.talk;
    before?.close();
    this.talk = new Presenting(this.session, this.name, before);
    this.told = 0;
    const talk = this.talk;
    // A reload in the middle of a talk finds a scene in the address.
    const kept = !before && this.session.stage.get().scene > 0 ? keptStart(this.name, Date.now()) : null;
    this.countFrom(kept ?? Date.now());
    void talk.begin().then((fault) => {
      if (fault && talk === this.talk) talk.giveUp(fault);
    });
  }

  override render() {
    const { talk } = this;
    const scene = talk?.scene.get();
    if (!talk || !scene) return nothing;
    const facts = factsOf(this.session);
    const number = talk.number.get();
    const frozen = talk.frozen.get();
    const lit = talk.spotlight.get();
    const desk = this.desk();
    // The line that says such things is taken off the page.
    const notice = this.session.isHidden('status') ? this.session.notice.get() : null;
    return html`
      <section class="band" aria-labelledby="title" data-testid="scene" data-scene=${number}>
        <h2 id="title" tabindex="-1">${fill(scene.title, facts)}</h2>
        ${scene.text ? html`<p class="text">${fill(scene.text, facts)}</p>` : nothing}
        ${this.notesHere && desk ? html`<div class="notes" data-testid="notes-here">${notesOf(desk)}</div>` : nothing}
        ${notice ? html`<p class="notice" role="status" data-testid="stage-notice">${notice.message} ${notice.hint} <button class="link" @click=${() => this.session.notice.set(null)}>Understood</button></p>` : nothing}
        <nav aria-label="Talk">
          <button @click=${() => talk.move(-1)} ?disabled=${number < 2} data-testid="scene-back">Back</button>
          <button class="main" @click=${() => talk.move(1)} ?disabled=${number >= talk.count} data-testid="scene-next">Next</button>
          <span class="where">${number} of ${talk.count}</span>
          ${scene.spotlight ? html`<button aria-pressed=${lit} @click=${this.toggleLight} data-testid="spotlight">Spotlight <kbd>S</kbd></button>` : nothing}
          <button aria-pressed=${frozen} @click=${() => talk.freeze()} data-testid="freeze">Freeze <kbd>F</kbd></button>
          <button @click=${this.openNotes} data-testid="notes">Notes <kbd>N</kbd></button>
          <button class="time" @click=${this.restart} aria-label=${`${this.time()}, start the timer anew`} data-testid="timer">${this.time()}</button>
          <button @click=${() => talk.leave()} data-testid="scene-leave">Leave <kbd>Esc</kbd></button>
        </nav>
      </section>
      <div class="light ${lit ? 'alone' : ''}" .style=${this.light.style} aria-hidden="true"></div>
      <p class="hidden" aria-live="polite" data-testid="scene-said">Scene ${number} of ${talk.count}: ${fill(scene.title, facts)}${frozen ? '. Frozen.' : ''}</p>
    `;
  }

  protected override updated(): void {
    const band = this.renderRoot.querySelector('.band');
    if (band) this.room.observe(band);
    const desk = this.desk();
    if (desk) this.notes?.show(desk);
    const number = this.talk?.number.get() ?? 0;
    if (!number || number === this.told) return;
    // What had the focus may be hidden now; later it stays where the speaker put it.
    if (!this.told) this.renderRoot.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    this.told = number;
    // The page takes the scene's state first.
    setTimeout(() => this.light.show(this.session.place.narrow.get() ? 'start' : 'nearest'));
  }

  private desk(): Desk | null {
    const list = this.talk?.list.get();
    const number = this.talk?.number.get() ?? 0;
    if (!list || !number) return null;
    const frozen = this.talk?.frozen.get() ?? false;
    return { list, number, time: this.time(), frozen, facts: factsOf(this.session) };
  }

  private time(): string {
    const list = this.talk?.list.get();
    const all = list && planned(list);
    return all ? `${clock(this.seconds)} of ${clock(all)}` : clock(this.seconds);
  }

  private restart = (): void => this.countFrom(Date.now());

  /** By the wall clock, which goes on while the machine sleeps. */
  private countFrom(begun: number): void {
    this.begun = begun;
    keepStart(this.name, begun);
    this.tick();
  }

  private tick(): void {
    this.seconds = (Date.now() - this.begun) / 1000;
  }

  private toggleLight = (): void => {
    const spotlight = this.talk?.spotlight;
    spotlight?.set(!spotlight.get());
  };

  private openNotes = (): void => {
    if (this.notesHere) {
      this.notesHere = false;
      return;
    }
    this.notes ??= new NotesWindow(this.onKey);
    this.notesHere = !this.notes.open();
    if (this.notesHere) {
      const message = 'The browser lets this page open no second window, so the notes stand under the scene.';
      this.session.tell(
        { code: 'popup', message, hint: 'Allow pop-ups for this page, or press N to hide them.' },
        'news',
        ['dismiss'],
      );
    }
    this.requestUpdate();
  };

  /** The keys of clickers and keyboards, from this window and from that of the notes. */
  private onKey = (event: KeyboardEvent): void => {
    const { talk } = this;
    const path = event.composedPath().filter((node): node is Element => 'closest' in node);
    if (!talk || !isFree(event) || path.some((node) => node.matches('dialog'))) return;
    const to = /^[1-9]$/.test(event.key) ? Number(event.key) : { Home: 1, End: talk.count }[event.key];
    const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    const act = { s: this.toggleLight, f: () => talk.freeze(), n: this.openNotes, Escape: () => void talk.leave() }[
      event.key.length === 1 ? event.key.toLowerCase() : event.key
    ];
    if (to !== undefined) {
      if (to <= talk.count) talk.goTo(to);
    } else if (by) talk.move(by);
    else if (act) act();
    else return;
    event.preventDefault();
  };
}
