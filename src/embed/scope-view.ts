/** What stands inside <moe-scope>: the parts of the page that its variant asks for, laid out for a column of any width. */

import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Hideable } from '../state/address/types.ts';
import type { Variant } from '../state/page/variant.ts';
import type { Session } from '../state/session/session.ts';
import { untracked } from '../state/session/signals.ts';
import '../ui/meter/cost-strip.ts';
import '../ui/wall/expert-wall.ts';
import '../ui/interventions/intervention-list.ts';
import '../ui/page/live-region.ts';
import '../ui/text/moe-text.ts';
import '../ui/prompt/prompt-form.ts';
import '../ui/router/router-panel.ts';
import '../ui/page/run-badge.ts';
import { controls, SessionElement } from '../ui/kit/shared.ts';
import '../ui/page/status-line.ts';
import '../ui/prompt/transport-bar.ts';
import '../ui/panels/view-panels.ts';
import '../ui/wall/wall-legend.ts';
import '../ui/wall/wall-words.ts';
import { say } from '../ui/kit/more-words.ts';

type Part = 'text' | 'prompt' | 'wall' | 'panels' | 'router' | 'cost';
const PARTS: Record<Exclude<Variant, 'race'>, readonly Part[]> = {
  full: ['text', 'prompt', 'panels', 'cost'],
  tokens: ['text'],
  grid: ['wall'],
  router: ['text', 'router'],
  compare: ['text', 'cost'],
};

const isNarrow = (view: Element): boolean => getComputedStyle(view).getPropertyValue('--narrow') !== '';

@customElement('moe-scope-view')
export class ScopeView extends SessionElement {
  @property() variant: Variant = 'full';
  @state() private chooser = false;
  @state() private trainer = false;

  static override styles = [
    controls,
    css`
      :host {
        container-type: inline-size;
        /* Conditions on its width are in em. */
        font-size: 1rem;
      }
      .view,
      live-region {
        font-size: var(--size-2);
      }
      .view {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.6rem 2rem;
      }
      header {
        grid-area: head;
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 1rem;
        font-size: var(--size-2);
      }
      status-line {
        grid-area: status;
        margin-top: -0.5rem;
      }
      moe-text {
        height: var(--moe-text-height, 13.5rem);
      }
      @media print {
        moe-text {
          height: auto;
        }
        prompt-form,
        transport-bar,
        status-line {
          display: none;
        }
      }
      .write,
      .see {
        display: flex;
        flex-direction: column;
        gap: 0.6rem;
        min-width: 0;
      }
      .write {
        grid-area: write;
      }
      .see {
        grid-area: see;
      }
      prompt-form {
        grid-area: prompt;
      }
      router-panel {
        grid-area: router;
      }
      cost-strip {
        grid-area: cost;
      }
      expert-wall {
        --wall-least: var(--moe-wall-height, 15rem);
      }
      .view {
        grid-template-areas: 'head' 'status' 'write' 'see' 'router' 'prompt' 'cost';
      }
      .grid {
        grid-template-areas: 'head' 'status' 'see' 'write';
      }
      @media (max-width: 46rem) {
        .view {
          --narrow: 1;
        }
      }
      @media (min-width: 60.01rem) {
        .full {
          grid-template: 'head head' 'status status' 'write see' 1fr 'prompt see' 'cost cost' / minmax(22rem, 10fr) minmax(0, 14fr);
        }
        .full moe-text {
          flex: 1;
          min-height: var(--moe-text-height, 13.5rem);
        }
        /* The room of wall, tabs and panel, which here no screen gives. */
        .full view-panels {
          flex: 1;
          min-height: calc(var(--moe-wall-height, 15rem) + 22rem);
        }
      }
    `,
  ];

  /** Where the styles below say that there is one column. */
  private readonly room = new ResizeObserver(() => {
    const view = this.renderRoot.querySelector('.view')!;
    if (view.clientWidth) this.dispatchEvent(new CustomEvent('narrow', { detail: isNarrow(view) }));
  });

  protected override firstUpdated(): void {
    this.room.observe(this);
  }

  override render() {
    const { session } = this;
    if (this.variant === 'race') return this.race();
    const parts = PARTS[this.variant];
    const shown = (name: Hideable, part: TemplateResult) => (session.isHidden(name) ? nothing : part);
    const has = (part: Part) => parts.includes(part);
    return html`<div class=${`view ${this.variant}`} @pointerdown=${this.onTouch} @click=${this.onClick}>
      <header part="badge"><run-badge .session=${session}></run-badge>${shown('share', this.attribution())}</header>
      ${shown('status', html`<status-line part="status" .session=${session}></status-line>`)}
      <section class="write" aria-label=${say('text-here')} ?hidden=${!has('text') && session.isHidden('transport')}>
        ${has('text') ? html`<moe-text part="tokens" .session=${session}></moe-text>` : nothing}
        ${shown('transport', html`<transport-bar part="controls" .session=${session}></transport-bar>`)}
      </section>
      ${has('wall') ? html`<section class="see" part="wall" aria-label=${say('the-experts')}>${this.wall()}</section>` : nothing}
      ${
        has('panels')
          ? html`<section class="see" part="wall" aria-label=${say('the-experts')}><wall-words .session=${session}></wall-words>
              <view-panels part="panels" .session=${session}>${this.cells()}</view-panels></section>`
          : nothing
      }
      ${has('router') ? html`<router-panel part="router" .session=${session}></router-panel>` : nothing}
      ${has('prompt') ? shown('prompt', html`<prompt-form part="prompt" .session=${session}></prompt-form>`) : nothing}
      ${has('cost') ? shown('cost', html`<cost-strip part="compare" .session=${session}></cost-strip>`) : nothing}
    </div>
    <live-region .session=${session}></live-region>
    ${this.choosing() ? html`<open-model .session=${session} address=${session.elsewhere.get() ?? ''} @leave=${() => session.elsewhere.choose(null)}></open-model>` : nothing}`;
  }

  private race() {
    const { session } = this;
    if (!this.trainer) void import('../ui/train/train-race.ts').then(() => (this.trainer = true));
    return html`<div class="view race" @click=${this.onClick}>
      <header>${session.isHidden('share') ? nothing : this.attribution()}</header>
      ${this.trainer ? html`<train-race part="race" .session=${session}></train-race>` : nothing}
    </div>`;
  }

  /** Of a model that a link names by its address, once the code for it is here. */
  private choosing(): boolean {
    if (this.session.elsewhere.get() === null) return false;
    if (!this.chooser) void import('../ui/models/open-model.ts').then(() => (this.chooser = true));
    return this.chooser;
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
    const link = () => untracked(() => this.session.pageLink.link());
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

interface Heard {
  narrow(narrow: boolean): void;
  /** A link within the view was followed. */
  follow(link: string): void;
}

/** The view of a session, with the parts that a host page may style. */
export function viewOf(session: Session, variant: Variant, { narrow, follow }: Heard): ScopeView {
  const view = document.createElement('moe-scope-view');
  view.session = session;
  view.variant = variant;
  view.setAttribute(
    'exportparts',
    'badge, link, status, tokens, controls, prompt, wall, panels, router, compare, race',
  );
  view.addEventListener('narrow', (event) => narrow((event as CustomEvent<boolean>).detail));
  view.addEventListener('follow', (event) => follow((event as CustomEvent<string>).detail));
  return view;
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-scope-view': ScopeView;
  }
}
