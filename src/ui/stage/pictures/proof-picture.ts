/** Eight kinds of text without the experts that one of them uses most: one bar jumps. */
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { KnockingOut } from '../../../state/stage/knock-out.ts';
import { signed } from '../../kit/format.ts';
import { controls, SessionElement } from '../../kit/shared.ts';
import { KIND_NAMES } from './kind-names.ts';
import './stage-wall.ts';

/** The hall sees that all stand level before one jumps. */
const LEVEL_MILLISECONDS = 1500;

@customElement('proof-picture')
export class ProofPicture extends SessionElement {
  @property({ attribute: false }) knockingOut!: KnockingOut;
  @state() private jumped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        gap: var(--u);
        min-height: 0;
      }
      .bars {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        gap: 2%;
        min-height: 0;
      }
      .bar {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        min-height: 0;
        text-align: center;
        font: 400 min(calc(var(--u) * 1.9), 2.6cqw) / 1.5 var(--figure-face);
      }
      .well {
        position: relative;
        min-height: 0;
        border-bottom: max(2px, 0.15em) solid var(--ink);
      }
      i {
        position: absolute;
        inset: 0;
        transform-origin: bottom;
        transform: scaleY(0);
        transition: transform 900ms cubic-bezier(0.3, 1.3, 0.6, 1);
        background: var(--ink);
      }
      .aimed i {
        background: var(--now);
      }
      .aimed {
        font-weight: 700;
      }
      em {
        position: absolute;
        inset: auto -20% calc(var(--height) * 100% + 0.1em);
        font-style: normal;
      }
      .aimed em {
        font: 500 calc(var(--u) * 5) / 1.1 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
        color: var(--now-ink);
      }
      .how {
        font: 400 var(--small) / 1.35 var(--figure-face);
        color: var(--ink-2);
      }
      @media (prefers-reduced-motion: reduce) {
        i {
          transition: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setTimeout(() => (this.jumped = true), LEVEL_MILLISECONDS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override render() {
    const { session } = this;
    const known = this.knockingOut.get();
    if (!known) return html`<stage-wall .session=${session} .mode=${'lit'}></stage-wall>`;
    const { changes, tokens, device } = known;
    const most = Math.max(...changes.map(({ nats }) => nats), 1e-9);
    const where = device === null ? 'when the model was made' : `just now on ${device}`;
    return html`<div class="bars" data-testid="stage-proof">
        ${changes.map(({ kind, nats }) => {
          const height = this.jumped ? Math.max(0.004, (nats / most) * 0.72) : 0.004;
          return html`<div class="bar ${kind === this.knockingOut.kind ? 'aimed' : ''}"><div class="well">
            <i .style=${`transform:scaleY(${height})`}></i>
            ${this.jumped ? html`<em .style=${`--height:${height}`}>${signed(nats, 2)}</em>` : ''}</div>${KIND_NAMES[kind] ?? kind}</div>`;
        })}
      </div>
      <p class="how">Loss added, in nats per token of held-out text. Measured ${where}, n ≥ ${tokens} tokens a kind.</p>`;
  }
}
