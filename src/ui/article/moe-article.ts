/** Below the first screen: seven sections in one column, each a claim, its pictures and its words. */

import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { untracked } from '../../state/session/signals.ts';
import { turn } from '../../state/session/turn.ts';
import type { View } from '../../state/views/view.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { factsOf } from '../page/tour-texts.ts';
import '../wall/wall-table.ts';
import { article } from './article-styles.ts';
import { hold } from './hold.ts';
import type { MoePart } from './moe-part.ts';
import './section-bar.ts';
import { SECTIONS } from './sections.ts';
import './see-further.ts';

@customElement('moe-article')
export class MoeArticle extends SessionElement {
  /** How many sections stand on the page. */
  @state() private count = 1;
  /** What was last brought into sight. */
  private brought = '';
  private release = () => {};

  static override styles = [
    controls,
    article,
    css`
      article {
        max-width: 78rem;
        margin: 0 auto;
        padding: 1.2rem 2rem 5rem;
      }
      article > section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.6rem;
        padding: 3.5rem 0 2rem;
        /* Clear of the bar above. */
        scroll-margin-top: 3.5rem;
      }
      article > section + section {
        border-top: 1px solid var(--rule);
      }
      article > section > h2 {
        max-width: 22em;
        margin: 0;
        font-size: clamp(1.75rem, 1.3rem + 1.6vw, 2.6rem);
      }
      moe-part {
        scroll-margin-top: 6.5rem;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        gap: 1.6rem 4rem;
      }
      .sub,
      .step {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.5rem 4rem;
        align-content: start;
        margin-top: 0.8rem;
      }
      .sub h3,
      .step h3 {
        margin: 0;
      }
      /* The claim stands beside its words where there is room. */
      @media (min-width: 60rem) {
        .sub,
        .step:not(.pair > *) {
          grid-template-columns: minmax(0, 22rem) minmax(0, 40rem);
          padding-top: 0.9rem;
          border-top: 1px solid var(--rule);
        }
        .pair > * {
          padding-top: 0.9rem;
          border-top: 1px solid var(--rule);
        }
      }
      .sub h3,
      .step h3 {
        font: 500 var(--size-4) / 1.2 var(--text-face);
        letter-spacing: -0.01em;
        text-wrap: balance;
      }
      .prose p + .note {
        margin-top: 0.5rem;
      }
      @media (max-width: 60rem) {
        article {
          padding: 0.6rem 1.25rem 2rem;
        }
        article > section {
          padding: 2.5rem 0 1.5rem;
        }
      }
      @media (max-width: 46rem) {
        article {
          padding: 0.6rem 1rem 2rem;
        }
      }
    `,
  ];

  /** Section by section: it is long, and somebody may be at work above. */
  protected override async updated(): Promise<void> {
    this.bring();
    if (this.count > SECTIONS.length) return;
    await turn();
    this.count++;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.release();
  }

  override render() {
    const { session } = this;
    const facts = factsOf(session);
    this.wanted();
    return html`<section-bar .session=${session} .sections=${SECTIONS} .find=${this.section}></section-bar><article>
      <wall-table .session=${session}></wall-table>
      ${SECTIONS.slice(0, this.count).map(
        ({ view, claim, body }) => html`<section data-section=${view} aria-labelledby=${`claim-${view}`}>
          <h2 id=${`claim-${view}`}>${claim(facts)}</h2>
          ${body(session)}
        </section>`,
      )}
      ${this.count > SECTIONS.length ? html`<see-further></see-further>` : nothing}
    </article>`;
  }

  /** The part that a link leads to. */
  partOf(view: View): MoePart | null {
    return this.renderRoot.querySelector<MoePart>(`moe-part[data-view=${view}]`);
  }

  /** Those that are drawn, in the order of the page. */
  drawn(): MoePart[] {
    return [...this.renderRoot.querySelectorAll('moe-part')].filter((part) => part.isDrawn);
  }

  private section = (view: View): HTMLElement | null =>
    this.renderRoot.querySelector<HTMLElement>(`[data-section=${view}]`);

  /** What the page is asked to show; a measurement that a link repeats, and a race, are shown where they are. */
  private wanted(): View {
    const { view, repeat, training, stage } = this.session;
    const { scenes, kiosk } = stage.get();
    const asked = view.get();
    const [offer, race] = [repeat.get(), training.get()];
    // On a stage the scene says what is looked at.
    if (scenes || kiosk) return 'wall';
    if (asked !== 'wall') return asked;
    if (offer) return offer === 'quality' ? offer : /^\d+$/.test(offer) ? 'saves' : 'models';
    return race === null ? 'wall' : 'train';
  }

  /** Once for every asking; a section is shown from its claim on. */
  private bring(): void {
    const view = untracked(() => this.wanted());
    const asked = `${view} ${untracked(() => this.session.asked.get())}`;
    if (asked === this.brought) return;
    const target = this.section(view) ?? this.partOf(view);
    if (view !== 'wall' && !target) return;
    this.brought = asked;
    this.release();
    if (target) this.release = hold(target, 'start');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-article': MoeArticle;
  }
}
