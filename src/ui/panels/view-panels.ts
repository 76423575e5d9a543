/**
 * The tabs under the wall and the panel they choose. On a narrow page the wall (the slot) is the first of the tabs, and one
 * view is shown at a time.
 */
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { View } from '../../state/views/view.ts';
import { paint } from '../kit/frame.ts';
import { say, type Word } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { PANELS } from './panels.ts';

@customElement('view-panels')
export class ViewPanels extends SessionElement {
  /** Panels whose element is here. */
  @state() private here: ReadonlySet<View> = new Set(PANELS.filter(({ load }) => !load).map(({ view }) => view));
  @state() private failed: View | null = null;
  /** The tab that was last brought to the middle of a narrow page. */
  private inSight: View | null = null;
  /** What the tab of the shown panel says. */
  get words(): string {
    const panel = PANELS.find(({ view }) => view === this.view());
    return panel ? say(`view-${panel.view}` as Word) : '';
  }

  /** What stands under the tabs. */
  @query('.panel') readonly panel!: HTMLElement | null;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }
      /* Where the window is low the panel gives way, never the wall. */
      .wall {
        display: flex;
        flex-direction: column;
        flex: 1 0 15.25rem;
        min-height: 0;
      }
      .tabs {
        display: flex;
        flex: none;
        gap: 0 1.4rem;
        margin-top: 0.45rem;
        border-bottom: 1px solid var(--rule);
        overflow-x: auto;
        scrollbar-width: none;
        mask: linear-gradient(90deg, #000 calc(100% - 3rem), #0000) 0 / calc(100% + 3rem);
        animation: more linear;
        animation-timeline: scroll(self inline);
      }
      /* What does not fit fades out where more of it can be scrolled to. */
      @keyframes more {
        from {
          mask-size: 100%;
        }
      }
      .tabs button {
        display: inline-grid;
        align-content: center;
        flex: none;
        min-height: 1.9rem;
        padding: 0;
        border: 0;
        border-radius: 0;
        background: none;
        color: var(--ink-2);
        box-shadow: none;
      }
      .tabs button:hover {
        color: var(--ink);
      }
      .tabs button[aria-selected='true'] {
        color: var(--ink);
        font-weight: 600;
        box-shadow: inset 0 -2px var(--ink);
      }
      .tabs button:focus-visible {
        outline-offset: -2px;
      }
      /* The word keeps the width it has when it is bold, so that no tab moves. */
      .tabs button::after {
        content: attr(data-words);
        height: 0;
        overflow: hidden;
        visibility: hidden;
        font-weight: 600;
      }
      .panel {
        flex: none;
        min-height: 10.4rem;
        padding-top: 0.6rem;
        overflow-x: clip;
        scroll-margin-top: 4rem;
      }
      .low > * {
        min-height: 10.4rem;
      }
      .waits {
        color: var(--ink-2);
      }
      [hidden] {
        display: none;
      }
      @media (max-width: 60rem) {
        .wall {
          flex: none;
        }
      }
      @media (max-width: 46rem) {
        .tabs {
          column-gap: 0.8rem;
          justify-content: space-between;
          margin: 0 calc(-1 * var(--bleed, 0px)) 0.3rem;
          padding: 0 var(--bleed, 0px);
        }
      }
      @media (pointer: coarse) {
        .tabs button {
          min-height: var(--touch);
          min-width: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const small = this.session.place.narrow.get();
    const view = this.view();
    const shown = PANELS.find((panel) => panel.view === view);
    if (shown) this.fetch(shown.view);
    const instead = small ? view !== 'wall' : shown?.room === 'all';
    const wall = html`<div class="wall" ?hidden=${instead}><slot></slot></div>`;
    return html`
      ${small ? nothing : wall}
      ${this.tabs(view, small)}
      ${small ? wall : nothing}
      ${
        shown
          ? html`<div class="panel ${shown.room}" id="panel" role="tabpanel" tabindex="0" aria-labelledby=${`tab-${view}`} data-testid="panel" data-view=${view}>
              ${this.here.has(shown.view) ? shown.show(this.session) : this.waiting(shown.view)}</div>`
          : nothing
      }
    `;
  }

  /** The view as this page can show it: the wall is a view of its own only where there is one column. */
  private view(): View {
    const wanted = this.session.view.get();
    const known = PANELS.some((panel) => panel.view === wanted);
    if (this.session.place.narrow.get()) return known ? wanted : 'wall';
    return known ? wanted : PANELS[0].view;
  }

  private tabs(view: View, small: boolean) {
    const all = [...(small ? [{ view: 'wall' as View }] : []), ...PANELS];
    if (all.length < 2 || this.session.isHidden('tabs')) return nothing;
    const words = (of: View) => say(`view-${of}` as Word);
    return html`<div class="tabs" role="tablist" aria-label=${say('views')} @keydown=${this.onKey}>
      ${all.map(
        (
          tab,
        ) => html`<button role="tab" id=${`tab-${tab.view}`} aria-selected=${tab.view === view} aria-controls=${tab.view === view && view !== 'wall' ? 'panel' : nothing}
          tabindex=${tab.view === view ? 0 : -1} data-words=${words(tab.view)} data-view=${tab.view}
          @click=${() => this.choose(tab.view)}>${words(tab.view)}</button>`,
      )}
    </div>`;
  }

  protected override updated(): void {
    if (this.view() !== this.inSight && this.session.place.narrow.get()) paint(this.centre);
  }

  /** In the frame, where all is laid out once. */
  private centre = (): boolean => {
    this.inSight = this.view();
    const tab = this.renderRoot.querySelector('[aria-selected=true]');
    const tabs = tab?.parentElement;
    if (!tab || !tabs) return false;
    const middle = (element: Element) => element.getBoundingClientRect().left + element.clientWidth / 2;
    tabs.scrollLeft += middle(tab) - middle(tabs);
    return false;
  };

  private choose(view: View): void {
    this.session.touched();
    this.session.view.choose(view);
  }

  private waiting(view: View) {
    if (this.failed !== view) return html`<p class="waits" role="status">${say('one-moment')}</p>`;
    return html`<p role="alert">${say('view-failed')}
      <button class="link" @click=${() => this.retry()}>${say('try-again')}</button></p>`;
  }

  private retry(): void {
    this.failed = null;
  }

  private fetch(view: View): void {
    const panel = PANELS.find((each) => each.view === view);
    if (!panel?.load || this.here.has(view) || this.failed === view) return;
    panel.load().then(
      () => {
        this.here = new Set([...this.here, view]);
      },
      () => {
        this.failed = view;
      },
    );
  }

  /** Arrows go from tab to tab and choose at once: every panel is cheap to show. */
  private onKey = (event: KeyboardEvent): void => {
    const tabs = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=tab]')];
    const at = tabs.findIndex((tab) => tab.ariaSelected === 'true');
    const to = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(tabs[to].dataset.view as View);
    tabs[to].focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'view-panels': ViewPanels;
  }
}
