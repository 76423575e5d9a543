/** What stands inside <moe-scope>: the parts of the page that its variant asks for, laid out for a column of any width. */

import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Hideable } from '../state/address/types.ts';
import { untracked } from '../state/signals.ts';
import type { Variant } from '../state/variant.ts';
import '../ui/cost-strip.ts';
import '../ui/expert-wall.ts';
import '../ui/intervention-list.ts';
import '../ui/live-region.ts';
import '../ui/moe-text.ts';
import '../ui/prompt-form.ts';
import '../ui/router-panel.ts';
import '../ui/run-badge.ts';
import { controls, SessionElement } from '../ui/shared.ts';
import '../ui/status-line.ts';
import '../ui/transport-bar.ts';
import '../ui/view-panels.ts';
import '../ui/wall-legend.ts';
import '../ui/wall-words.ts';

type Part = 'text' | 'prompt' | 'wall' | 'panels' | 'router' | 'cost';
const PARTS: Record<Variant, readonly Part[]> = {
  full: ['text', 'prompt', 'panels', 'cost'],
  tokens: ['text'],
  grid: ['wall'],
  router: ['text', 'router'],
  compare: ['text', 'cost'],
};

@customElement('moe-scope-view')
export class ScopeView extends SessionElement {
  @property() variant: Variant = 'full';

  static override styles = [
    controls,
    css`
      :host {
        container-type: inline-size;
      }
      .view {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.6rem 2rem;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 1rem;
        font-size: var(--size-2);
      }
      status-line {
        margin-top: -0.5rem;
      }
      moe-text {
        height: var(--moe-text-height, 13.5rem);
      }
      .write,
      .see {
        display: flex;
        flex-direction: column;
        gap: 0.6rem;
        min-width: 0;
      }
      expert-wall {
        --wall-least: var(--moe-wall-height, 15rem);
      }
      /* The room of wall, tabs and panel, which here no screen gives. */
      view-panels {
        flex: 1;
        min-height: calc(var(--moe-wall-height, 15rem) + 22rem);
      }
      .grid .write {
        order: 1;
      }
      .cost {
        overflow-x: auto;
      }
      @container (max-width: 44rem) {
        router-panel,
        cost-strip {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @container (min-width: 58rem) {
        .full {
          grid-template-columns: minmax(22rem, 10fr) minmax(0, 14fr);
        }
        .full > :is(header, status-line, .cost) {
          grid-column: 1 / -1;
        }
        .full moe-text {
          flex: 1;
          min-height: var(--moe-text-height, 13.5rem);
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const parts = PARTS[this.variant];
    const shown = (name: Hideable, part: TemplateResult) => (session.isHidden(name) ? nothing : part);
    const has = (part: Part) => parts.includes(part);
    return html`<div class=${`view ${this.variant}`} @pointerdown=${this.onTouch} @click=${this.onClick}>
      <header part="badge"><run-badge .session=${session}></run-badge>${shown('share', this.attribution())}</header>
      ${shown('status', html`<status-line part="status" .session=${session}></status-line>`)}
      <section class="write" aria-label="The text" ?hidden=${!has('text') && session.isHidden('transport')}>
        ${has('text') ? html`<moe-text part="tokens" .session=${session}></moe-text>` : nothing}
        ${shown('transport', html`<transport-bar part="controls" .session=${session}></transport-bar>`)}
        ${has('prompt') ? shown('prompt', html`<prompt-form part="prompt" .session=${session}></prompt-form>`) : nothing}
      </section>
      ${has('wall') ? html`<section class="see" part="wall" aria-label="The experts">${this.wall()}</section>` : nothing}
      ${
        has('panels')
          ? html`<section class="see" part="wall" aria-label="The experts"><wall-words .session=${session}></wall-words>
              <view-panels part="panels" .session=${session}>${this.cells()}</view-panels></section>`
          : nothing
      }
      ${has('router') ? html`<router-panel part="router" .session=${session}></router-panel>` : nothing}
      ${has('cost') ? shown('cost', html`<div class="cost" part="compare"><cost-strip .session=${session}></cost-strip></div>`) : nothing}
    </div>
    <live-region .session=${session}></live-region>`;
  }

  private wall() {
    return html`<wall-words .session=${this.session}></wall-words>${this.cells()}`;
  }

  private cells() {
    const { session } = this;
    return html`<expert-wall .session=${session}><wall-legend .session=${session}></wall-legend></expert-wall>
      <intervention-list .session=${session}></intervention-list>`;
  }

  /** The same text on the whole page. */
  private attribution() {
    const link = () => untracked(() => this.session.carrier.link());
    // Brought up to date when it is followed: it must not be drawn anew with every token.
    const refresh = (event: Event) => ((event.currentTarget as HTMLAnchorElement).href = link());
    return html`<a part="link" href=${link()} target="_blank" rel="noopener" @click=${refresh}>moescope</a>`;
  }

  private onTouch = (): void => this.session.touched();

  /** A link within the page is meant for this element: the host page must not go there. */
  private onClick = (event: MouseEvent): void => {
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    const reference = anchor?.getAttribute('href') ?? '';
    if (!reference.startsWith('#')) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent('follow', { detail: reference.slice(1) }));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-scope-view': ScopeView;
  }
}
