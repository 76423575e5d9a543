/** A talk: scenes one after the other, the keys of a clicker, notes and time for the speaker. */
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Target } from '../../state/page/tour.ts';
import { Presenting } from '../../state/stage/presenting.ts';
import { clock, forgetStart, keepStart, keptStart, planned } from '../../state/stage/time.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { Around } from '../page/around.ts';
import { captionStyles } from './caption-styles.ts';
import { figuresOf, fill } from './fill.ts';
import { type Act, actOf } from './keys.ts';
import { controlStyles, controlsOf, type Desk, notesOf, notesStyles } from './notes.ts';
import { NotesWindow } from './notes-window.ts';
import { PageDress } from './page-dress.ts';
import { WholeScreen } from './whole-screen.ts';

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
  /** Buttons and clock stand at the foot of the page. */
  @state() private controls = false;
  @state() private dark = false;
  @state() private pictures = false;
  private begun = 0;
  private told = 0;
  private notes: NotesWindow | null = null;
  private screen: WholeScreen | null = null;
  private filled = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly light = new Around(this, () => {
    const target = this.talk?.scene.get()?.spotlight;
    return target && this.talk?.spotlight.get() ? this.find(target) : null;
  });
  private readonly room = new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty('--caption', `${entry.target.getBoundingClientRect().height}px`);
    this.light.show('nearest');
  });

  constructor() {
    super();
    new PageDress(this, false);
  }

  static override styles = [
    controls,
    captionStyles,
    notesStyles,
    controlStyles,
    css`
      .foot {
        position: fixed;
        inset: auto 0 0 0;
        z-index: 8;
        display: grid;
        gap: 8px;
        max-height: 60dvh;
        overflow: auto;
        padding: 8px 16px calc(8px + env(safe-area-inset-bottom));
        border-top: 1px solid var(--rule-2);
        background: var(--paper);
      }
      .band .foot {
        position: static;
        padding: 0;
        border: 0;
      }
      .dark {
        position: fixed;
        inset: 0;
        z-index: 9;
        background: black;
      }
      .show:not(:focus) {
        position: absolute;
        clip-path: inset(50%);
      }
      .show:focus {
        position: fixed;
        inset: auto auto 8px 8px;
        z-index: 8;
        background: var(--paper);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    // Before the page, which would take Space for its own.
    addEventListener('keydown', this.onKey, { capture: true });
    this.timer = setInterval(() => this.tick(), 1000);
    this.screen = new WholeScreen();
    if (navigator.userActivation?.isActive && this.session.stage.get().scene === 0) {
      this.fill();
      // Whoever has pressed a button sees which there are now.
      this.controls = true;
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.onKey, { capture: true });
    clearInterval(this.timer);
    this.room.disconnect();
    this.notes?.close();
    this.talk?.close();
    this.screen?.close();
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
    const reloaded = !before && this.session.stage.get().scene > 0;
    this.countFrom((reloaded ? keptStart(this.name, Date.now()) : null) ?? Date.now());
    if (reloaded && NotesWindow.leftOpen()) this.openNotes(false);
    void talk.begin().then((fault) => {
      if (fault && talk === this.talk) talk.giveUp(fault);
    });
  }

  override render() {
    const { talk } = this;
    const scene = talk?.scene.get();
    const desk = this.desk();
    if (!talk || !scene || !desk) return nothing;
    const { figures, number } = desk;
    return html`
      <div role=${scene.picture ? nothing : 'region'} aria-label=${scene.picture ? nothing : fill(scene.title, figures)} data-testid="scene" data-scene=${number}>
        ${
          scene.picture
            ? html`${this.picture(talk)}${this.foot(desk)}`
            : html`<div class="band">
          <h2 tabindex="-1">${fill(scene.title, figures)}</h2>
          ${scene.text ? html`<p class="text">${fill(scene.text, figures)}</p>` : nothing}
          ${this.foot(desk)}
        </div>`
        }
        ${this.controls ? nothing : html`<nav aria-label="Talk"><button class="show" @click=${() => this.act({ kind: 'controls' })} data-testid="controls-show">Show the controls</button></nav>`}
      </div>
      ${scene.picture ? nothing : html`<div class="light ${talk.spotlight.get() ? 'alone' : ''}" .style=${this.light.style} aria-hidden="true"></div>`}
      ${this.dark ? html`<div class="dark" data-testid="black" @click=${() => this.act({ kind: 'dark' })}></div>` : nothing}
      <p class="hidden" aria-live="polite" data-testid="scene-said">Scene ${number} of ${talk.count}: ${fill(scene.title, figures)}${desk.frozen ? '. Frozen.' : ''}</p>
    `;
  }

  private picture(talk: Presenting) {
    if (!this.pictures) void import('./pictures/stage-picture.ts').then(() => (this.pictures = true));
    return this.pictures
      ? html`<stage-picture .session=${this.session} .talk=${talk} @click=${() => this.act({ kind: 'controls' })}></stage-picture>`
      : nothing;
  }

  /** What is the speaker's alone: asked for by a key, or shown because no window of notes is there to show it. */
  private foot(desk: Desk) {
    const notice = this.notes?.isOpen ? null : desk.notice;
    const notes = this.notesHere ? html`<div class="notes" data-testid="notes-here">${notesOf(desk)}</div>` : nothing;
    if (!this.controls && !this.notesHere && !notice) return nothing;
    return html`<section class="foot" aria-label="For the speaker">
      ${notes}
      ${notice ? html`<p role="status" data-testid="stage-notice">${notice} <button class="link" @click=${desk.dismiss}>Understood</button></p>` : nothing}
      ${this.controls ? controlsOf(desk, false) : nothing}
    </section>`;
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
    const { session, talk } = this;
    const list = talk?.list.get();
    const number = talk?.number.get() ?? 0;
    const scene = talk?.scene.get();
    if (!talk || !list || !number || !scene) return null;
    // The line that says such things is off the page, or under the picture.
    const notice = scene.picture || session.isHidden('status') ? session.notice.get() : null;
    return {
      list,
      number,
      time: this.time(),
      frozen: talk.frozen.get(),
      dark: this.dark,
      lit: scene.picture || !scene.spotlight ? null : talk.spotlight.get(),
      figures: figuresOf(session),
      notice: notice && `${notice.message} ${notice.hint}`.trim(),
      act: this.act,
      restart: this.restart,
      dismiss: () => session.dismissNotice(),
    };
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

  /** Once; who leaves the full screen then wants it so. */
  private fill(): void {
    if (this.filled) return;
    this.filled = true;
    this.screen?.fill();
  }

  private openNotes(asked: boolean): void {
    if (this.notesHere) {
      this.notesHere = false;
      return;
    }
    this.notes ??= new NotesWindow(this.onKey);
    const opened = this.notes.open();
    if (!asked) return;
    this.notesHere = !opened;
    if (this.notesHere) {
      const message = 'The browser lets this page open no second window, so the notes stand under the scene.';
      this.session.tell(
        { code: 'popup', message, hint: 'Allow pop-ups for this page, or press N to hide them.' },
        'news',
        ['dismiss'],
      );
    }
    this.requestUpdate();
  }

  private act = (act: Act): void => {
    const { talk } = this;
    if (!talk) return;
    switch (act.kind) {
      case 'move':
        talk.move(act.by);
        break;
      case 'go':
        if (act.to <= talk.count || act.to === Number.POSITIVE_INFINITY) talk.goTo(act.to);
        break;
      case 'dark':
        this.dark = !this.dark;
        break;
      case 'light':
        talk.light();
        break;
      case 'freeze':
        talk.freeze();
        break;
      case 'notes':
        this.openNotes(true);
        break;
      case 'controls':
        this.controls = !this.controls;
        break;
      default:
        void talk.leave();
    }
  };

  /** From this window and from that of the notes. */
  private onKey = (event: KeyboardEvent): void => {
    const act = this.talk && actOf(event, this.talk.scene.get()?.picture !== null);
    if (!act) return;
    event.preventDefault();
    this.fill();
    // They were shown to whoever began the talk with a button.
    if (this.told === 1 && (act.kind === 'move' || act.kind === 'go')) this.controls = false;
    this.act(act);
  };
}
