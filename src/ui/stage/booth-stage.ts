/** A booth: the scenes in turn under an invitation, then the page for whoever comes. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { renew } from '../../offline/renew.ts';
import { readAddress } from '../../state/address/address.ts';
import type { Target } from '../../state/page/tour.ts';
import { Booth } from '../../state/stage/booth.ts';
import { systemClock } from '../../state/stage/idle.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { Around } from '../page/around.ts';
import { BoothGuard } from './booth-guard.ts';
import { captionStyles } from './caption-styles.ts';
import { figuresOf, fill } from './fill.ts';
import { PageDress } from './page-dress.ts';

@customElement('booth-stage')
export class BoothStage extends SessionElement {
  /** Finds a part of the page. */
  @property({ attribute: false }) find!: (target: Target) => HTMLElement | null;
  @state() private booth: Booth | null = null;
  @state() private pictures = false;
  private shown = 0;
  private guard: BoothGuard | null = null;
  private readonly light = new Around(this, () => {
    const target = this.booth?.attracting.get() ? this.talk()?.scene.get()?.spotlight : null;
    return target ? this.find(target) : null;
  });
  private readonly room = new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty('--caption', `${entry.target.getBoundingClientRect().height}px`);
    this.light.show('nearest');
  });

  constructor() {
    super();
    new PageDress(this, true);
  }

  static override styles = [
    controls,
    captionStyles,
    css`
      .cover {
        position: fixed;
        inset: 0;
        z-index: 7;
        border: 0;
        border-radius: 0;
        background: none;
      }
      .cover:hover:not(:disabled) {
        background: none;
      }
      .notice {
        font-size: var(--size-1);
      }
      .invite {
        font: 500 1.25rem / 1.3 var(--figure-face);
        color: var(--now-ink);
      }
      stage-picture {
        bottom: var(--caption, 0px);
      }
      .picture .invite,
      .picture .notice {
        font-size: max(14px, min(1.7vw, 3vh));
      }
      @media (orientation: portrait) {
        .picture .invite {
          font-size: 3vw;
        }
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.guard?.close();
    this.booth?.stop();
    this.room.disconnect();
  }

  protected override firstUpdated(): void {
    this.begin();
  }

  override render() {
    const { booth } = this;
    if (!booth?.attracting.get()) return nothing;
    const scene = this.talk()?.scene.get();
    const fault = booth.fault.get();
    const facts = figuresOf(this.session);
    return html`
      ${scene?.picture ? this.picture() : nothing}
      <section class="band ${scene?.picture ? 'picture' : ''}" aria-labelledby="invite" data-testid="attract">
        ${
          scene && !scene.picture
            ? html`<h2>${fill(scene.title, facts)}</h2>
        <p class="text">${fill(scene.text, facts)}</p>`
            : nothing
        }
        <p class="invite" id="invite">Touch the screen, or press a key, to try it yourself.</p>
        ${fault ? html`<p class="notice" data-testid="booth-fault">${fault.message} ${scene ? 'The scenes that come with the page are shown.' : fault.hint}</p>` : nothing}
      </section>
      ${scene?.picture ? nothing : html`<div class="light alone" .style=${this.light.style} aria-hidden="true"></div>`}
      <button class="cover" aria-labelledby="invite"></button>
    `;
  }

  private picture() {
    if (!this.pictures) void import('./pictures/stage-picture.ts').then(() => (this.pictures = true));
    const talk = this.talk();
    return this.pictures && talk
      ? html`<stage-picture .session=${this.session} .talk=${talk}></stage-picture>`
      : nothing;
  }

  protected override updated(): void {
    const band = this.renderRoot.querySelector('.band');
    if (band) this.invite(band);
    else document.documentElement.style.setProperty('--caption', '0px');
    if (!band) this.shown = 0;
  }

  /** The page as if nobody had been there. */
  private invite(band: Element): void {
    this.room.observe(band);
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement) activeElement.blur();
    const number = this.talk()?.number.get() ?? 0;
    if (number === this.shown) return;
    this.shown = number;
    setTimeout(() => this.light.show('nearest'));
  }

  private talk() {
    return this.booth?.talk.get();
  }

  private begin(): void {
    const { session } = this;
    const { kiosk } = session.stage.get();
    const booth: Booth = new Booth(session, systemClock, () => void renew(() => booth.attracting.get()));
    this.booth = booth;
    this.guard = new BoothGuard(
      {
        touch: () => booth.touch(),
        stir: () => booth.stir(),
        turn: (turn) => void booth.turn(turn),
        follow: (reference) => void session.pageLink.go(readAddress(reference).state),
        here: () => session.pageLink.reference(),
      },
      kiosk === 'midi',
    );
    void booth.begin();
  }
}
