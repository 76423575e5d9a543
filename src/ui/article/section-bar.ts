/** The list of the sections, which stays at the top; under it, once the first screen is out of sight, its text and its wall. */
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { View } from '../../state/views/view.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import type { Section } from './section.ts';
import './slim-strip.ts';

@customElement('section-bar')
export class SectionBar extends SessionElement {
  @property({ attribute: false }) sections!: readonly Section[];
  /** Where a section stands. */
  @property({ attribute: false }) find!: (view: View) => HTMLElement | null;
  /** The section that is read now. */
  @state() private current: View | null = null;
  /** The first screen is out of sight. */
  @state() private away = false;
  @query('nav ol') private list!: HTMLElement | null;

  static override styles = [
    controls,
    css`
      :host {
        position: sticky;
        top: 0;
        z-index: 2;
        display: block;
        background: var(--paper);
      }
      nav {
        border-bottom: 1px solid var(--rule-2);
      }
      ol {
        list-style: none;
        display: flex;
        gap: 0 1.6rem;
        max-width: 78rem;
        margin: 0 auto;
        padding: 0 2rem;
        overflow-x: auto;
        scrollbar-width: none;
        counter-reset: section;
      }
      li {
        flex: none;
        counter-increment: section;
      }
      button {
        display: inline-grid;
        grid-auto-flow: column;
        gap: 0.4em;
        min-height: 2.4rem;
        padding: 0;
        border: 0;
        border-radius: 0;
        background: none;
        color: var(--ink-2);
      }
      button::before {
        content: counter(section);
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      button:hover:not(:disabled) {
        background: none;
        color: var(--ink);
      }
      button[aria-current] {
        color: var(--ink);
        box-shadow: inset 0 -2px var(--ink);
      }
      button:focus-visible {
        outline-offset: -2px;
      }
      slim-strip {
        position: absolute;
        inset: 100% 0 auto 0;
      }
      @media (max-width: 60rem) {
        ol {
          padding: 0 1.25rem;
        }
      }
      @media (max-width: 46rem) {
        ol {
          padding: 0 1rem;
          gap: 0 1.2rem;
        }
      }
      @media (pointer: coarse) {
        button {
          min-height: var(--touch);
        }
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('scroll', this.onScroll, { passive: true });
    addEventListener('resize', this.onScroll);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('scroll', this.onScroll);
    removeEventListener('resize', this.onScroll);
  }

  protected override firstUpdated(): void {
    this.onScroll();
  }

  override render() {
    const { session } = this;
    return html`${
      session.isHidden('tabs')
        ? nothing
        : html`<nav aria-label="Sections"><ol>${this.sections.map(
            ({ view, words }) =>
              html`<li><button aria-current=${view === this.current ? 'true' : nothing} data-view=${view} @click=${() => this.go(view)}>${words}</button></li>`,
          )}</ol></nav>`
    }
      ${this.away ? html`<slim-strip .session=${session}></slim-strip>` : nothing}`;
  }

  private go(view: View): void {
    this.session.touched();
    this.session.show(view);
  }

  /** What is read is what stands at the top third of the window. */
  private onScroll = (): void => {
    // The bar itself stops at the top; whatever it stands in goes on.
    const { top } = (this.parentNode as ShadowRoot).host.getBoundingClientRect();
    this.away = top < -40;
    const line = innerHeight / 3;
    const read = this.sections.findLast(({ view }) => {
      const section = this.find(view);
      return section && section.getBoundingClientRect().top <= line;
    });
    const current = read?.view ?? null;
    if (current === this.current) return;
    this.current = current;
    void this.updateComplete.then(() => this.centre());
  };

  /** The list is wider than a narrow page. */
  private centre(): void {
    const { list } = this;
    const button = list?.querySelector<HTMLElement>('[aria-current]');
    if (!list || !button || list.scrollWidth <= list.clientWidth) return;
    const middle = (node: Element) => node.getBoundingClientRect().left + node.clientWidth / 2;
    list.scrollLeft += middle(button) - middle(list);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'section-bar': SectionBar;
  }
}
