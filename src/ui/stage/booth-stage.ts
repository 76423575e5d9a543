/** A booth: the scenes in turn under an invitation, then the page for whoever comes. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { Booth } from '../../state/stage/booth.ts';
import { systemClock } from '../../state/stage/idle.ts';
import { take } from '../../state/stage/knobs.ts';
import { Presenting } from '../../state/stage/presenting.ts';
import type { Target } from '../../state/tour.ts';
import { Around } from '../around.ts';
import { controls, SessionElement } from '../shared.ts';
import { factsOf } from '../tour-texts.ts';
import { BoothGuard } from './booth-guard.ts';
import { captionStyles } from './caption-styles.ts';
import { fill } from './fill.ts';

const USUAL_SCENES = '3-minutes';

@customElement('booth-stage')
export class BoothStage extends SessionElement {
  /** Finds a part of the page. */
  @property({ attribute: false }) find!: (target: Target) => HTMLElement | null;
  @state() private talk: Presenting | null = null;
  @state() private booth: Booth | null = null;
  private shown = 0;
  private guard: BoothGuard | null = null;
  private readonly light = new Around(this, () => {
    const target = this.booth?.attracting.get() ? this.talk?.scene.get()?.spotlight : null;
    return target ? this.find(target) : null;
  });
  private readonly room = new ResizeObserver(([entry]) => {
    document.documentElement.style.setProperty('--caption', `${entry.target.getBoundingClientRect().height}px`);
    this.light.show('nearest');
  });

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
      .invite {
        font: 500 1.25rem / 1.3 var(--figure-face);
        color: var(--now-ink);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.guard?.close();
    this.booth?.stop();
    this.talk?.close();
    this.room.disconnect();
  }

  protected override firstUpdated(): void {
    void this.begin();
  }

  override render() {
    const scene = this.talk?.scene.get();
    if (!scene || !this.booth?.attracting.get()) return nothing;
    const facts = factsOf(this.session);
    return html`
      <section class="band" data-testid="attract">
        <h2>${fill(scene.title, facts)}</h2>
        <p class="text">${fill(scene.text, facts)}</p>
        <p class="invite" id="invite">Touch the screen, or press a key, to try it yourself.</p>
      </section>
      <div class="light alone" .style=${this.light.style} aria-hidden="true"></div>
      <button class="cover" aria-labelledby="invite"></button>
    `;
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
    const number = this.talk?.number.get() ?? 0;
    if (number === this.shown) return;
    this.shown = number;
    setTimeout(() => this.light.show('nearest'));
  }

  private async begin(): Promise<void> {
    const { session } = this;
    const { scenes, kiosk } = session.stage.get();
    const talk = new Presenting(session, scenes ?? USUAL_SCENES);
    this.talk = talk;
    await talk.begin();
    const booth = new Booth(session, talk, systemClock);
    this.booth = booth;
    this.guard = new BoothGuard(
      () => booth.touch(),
      (turn) => void take(session, turn),
      kiosk === 'midi',
    );
    booth.attract();
  }
}
