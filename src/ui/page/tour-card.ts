/** One step of the tour: its words, the way on, and a frame around what it speaks of. */
import { css, html, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { type Target, TOUR } from '../../state/page/tour.ts';
import { article } from '../article/article-styles.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { Around } from './around.ts';
import { factsOf, TOUR_TEXTS } from './tour-texts.ts';

@customElement('tour-card')
export class TourCard extends SessionElement {
  /** Finds a part of the page. */
  @property({ attribute: false }) find!: (target: Target) => HTMLElement | null;
  private readonly frame = new Around(this, () => this.target());
  private told = 0;

  static override styles = [
    article,
    controls,
    css`
      section {
        display: grid;
        gap: 0.5rem;
        padding: 0.7rem 0 0.4rem;
        border-top: 1px solid var(--ink);
      }
      h2 {
        font: 500 var(--size-4) / 1.15 var(--text-face);
        margin: 0;
      }
      /* It takes the focus so that it is read out; it is nothing to press. */
      h2:focus-visible {
        outline: 0;
      }
      h2 span {
        font: 400 var(--size-1) / 1 var(--figure-face);
        letter-spacing: 0;
        color: var(--ink-2);
        margin-left: 0.4rem;
        white-space: nowrap;
      }
      .prose p {
        font-size: 1.0625rem;
        line-height: 1.42;
      }
      .prose p + p {
        margin-top: 0.4rem;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem;
        margin-top: 0.2rem;
      }
      .leave {
        margin-left: auto;
      }
      .ring {
        position: fixed;
        z-index: 4;
        border: 2px solid var(--now);
        border-radius: var(--radius);
        pointer-events: none;
      }
      /* What it speaks of is further down than the text that it stands under. */
      .away {
        position: fixed;
        z-index: 3;
        inset: auto auto 1.5rem 2rem;
        width: min(32rem, 100vw - 4rem);
        max-height: 60dvh;
        overflow: auto;
        padding: 0.9rem 1.2rem;
        border: 1px solid var(--ink);
        border-radius: var(--radius);
        background: var(--paper);
      }
      @media (max-width: 46rem) {
        section {
          width: auto;
          border-width: 1px 0 0;
          border-radius: 0;
          position: fixed;
          z-index: 3;
          inset: auto 0 var(--bar) 0;
          max-height: 44dvh;
          overflow: auto;
          padding: 0.7rem 1rem;
          background: var(--paper);
        }
        h2 {
          font-size: var(--size-3);
        }
        .prose p {
          font-size: 1rem;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const step = session.step.get() ?? 1;
    const facts = factsOf(session);
    const { title, text } = TOUR_TEXTS[step - 1];
    const to = (number: number) => session.pageLink.stepReference(number);
    // What a step's link sets may depend on the text so far.
    session.phase.get();
    session.interventions.get();
    return html`
      <section class=${TOUR[step - 1].target === 'panel' ? 'away' : ''} aria-labelledby="title" data-testid="tour" data-step=${step} .style=${`--bar:${this.bar()}px`} @keydown=${this.onKey}>
        <h2 id="title" tabindex="-1">${title(facts)} <span>${step} of ${TOUR.length}</span></h2>
        <div class="prose">${text(facts).map((paragraph) => html`<p>${paragraph}</p>`)}</div>
        <nav aria-label="Tour">
          ${step > 1 ? html`<a class="button" href=${to(step - 1)} data-testid="tour-back">Back</a>` : ''}
          ${step < TOUR.length ? html`<a class="button main" href=${to(step + 1)} data-testid="tour-next">Next</a>` : ''}
          <button class=${step < TOUR.length ? 'leave link' : 'main'} @click=${this.leave} data-testid="tour-leave">${step < TOUR.length ? 'Leave the tour' : 'Done'}</button>
        </nav>
      </section>
      <div class="ring" .style=${this.frame.style} aria-hidden="true"></div>
    `;
  }

  protected override updated(_changed: PropertyValues): void {
    const step = this.session.step.get();
    if (!step || step === this.told) return;
    this.told = step;
    const title = this.renderRoot.querySelector<HTMLElement>('h2');
    title?.focus({ preventScroll: true });
    // The page takes the step's state first.
    setTimeout(() => this.frame.show(this.session.place.narrow.get() ? 'start' : 'nearest'));
  }

  private target(): HTMLElement | null {
    const step = this.session.step.get();
    return step ? this.find(TOUR[step - 1].target) : null;
  }

  /** Height of the buttons that a narrow page keeps at its foot. */
  private bar(): number {
    const host = (this.getRootNode() as ShadowRoot).querySelector<HTMLElement>('transport-bar');
    return host?.offsetHeight ?? 0;
  }

  private leave = (): void => void this.session.pageLink.leaveTour();

  private onKey = (event: KeyboardEvent): void => {
    const step = this.session.step.get() ?? 1;
    const to = { ArrowRight: step + 1, ArrowLeft: step - 1 }[event.key];
    if (event.key === 'Escape') this.leave();
    else if (to !== undefined && to >= 1 && to <= TOUR.length) location.hash = this.session.pageLink.stepReference(to);
    else return;
    event.preventDefault();
  };
}
