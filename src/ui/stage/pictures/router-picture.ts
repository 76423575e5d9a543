/** One token before the router of a layer: a bar an expert, and the few that are taken. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent, spoken } from '../../kit/format.ts';
import { controls, SessionElement } from '../../kit/shared.ts';

/** With more experts a number under each is too small for a hall. */
const MOST_NUMBERED = 32;

@customElement('router-picture')
export class RouterPicture extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        gap: var(--u);
        min-height: 0;
      }
      .token {
        font: 500 calc(var(--u) * 3) / 1.3 var(--text-face);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .token b {
        padding: 0 0.3em;
        background: var(--now-soft);
        box-shadow: inset 0 -0.1em var(--now);
        font-weight: 500;
      }
      .bars {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        gap: 0.5%;
        min-height: 0;
      }
      .bar {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        min-height: 0;
        text-align: center;
        font: 400 var(--small) / 1.4 var(--figure-face);
        color: var(--ink-2);
      }
      .well {
        position: relative;
        min-height: 0;
        border-bottom: max(2px, 0.15em) solid var(--ink);
      }
      .well i {
        position: absolute;
        inset: 0;
        transform-origin: bottom;
        transition: transform 120ms ease-out;
        background: var(--rule-2);
      }
      .taken i {
        background: var(--now);
      }
      .taken {
        color: var(--ink);
        font-weight: 700;
      }
      .well em {
        position: absolute;
        inset: auto -20% calc(var(--height) * 100%);
        font-style: normal;
        color: var(--ink);
      }
      @media (prefers-reduced-motion: reduce) {
        .well i {
          transition: none;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { trace } = session;
    trace.version.get();
    const at = session.current.get();
    const layer = session.layer.get();
    const { experts } = session.shape.get();
    if (at < 0 || experts < 2) return '';
    const router = trace.router(at, layer);
    const gates = new Map<number, number>();
    for (let rank = 0; rank < trace.chosen(at, layer); rank++)
      gates.set(trace.expert(at, layer, rank), trace.gate(at, layer, rank));
    const height = (expert: number) => router?.[expert] ?? gates.get(expert) ?? 0;
    const top = Math.max(0.5, ...Array.from({ length: experts }, (_, expert) => height(expert)));
    return html`<p class="token" translate="no"><b>${spoken(trace.texts[at] ?? '')}</b> in ${layer === trace.shape.layers - 1 ? 'the last layer' : `layer ${layer}`}</p>
      <div class="bars" role="img" aria-label=${`Taken: ${[...gates.keys()].map((expert) => `expert ${expert}`).join(', ')}`}>
        ${Array.from({ length: experts }, (_, expert) => {
          const share = height(expert) / top;
          const taken = gates.has(expert);
          return html`<div class="bar ${taken ? 'taken' : ''}"><div class="well"><i .style=${`transform:scaleY(${Math.max(0.006, share * 0.84)})`}></i>
            ${taken ? html`<em .style=${`--height:${share * 0.84}`}>${percent(height(expert))}</em>` : ''}</div>${experts > MOST_NUMBERED ? '' : expert}</div>`;
        })}
      </div>`;
  }
}
