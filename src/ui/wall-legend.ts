/** The ramp of the wall with the chance level marked on it, and the sign for the current token. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent } from './format.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('wall-legend')
export class WallLegend extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 1.4rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .ramp {
        display: grid;
        grid-template-columns: auto 9rem auto;
        align-items: center;
        gap: 0.5rem;
      }
      .scale {
        position: relative;
        height: 10px;
        background: linear-gradient(in oklch to right, var(--load-0), var(--load-1));
      }
      .chance {
        position: absolute;
        top: -3px;
        bottom: -3px;
        width: 2px;
        margin-left: -1px;
        background: var(--ink);
      }
      .end {
        min-width: 3ch;
      }
      .sign {
        display: inline-block;
        width: 10px;
        height: 10px;
        margin-right: 0.45em;
        vertical-align: -1px;
        background: linear-gradient(to top, var(--now) 60%, var(--now-soft) 60%);
      }
      .tick {
        display: inline-block;
        width: 2px;
        height: 12px;
        margin-right: 0.5em;
        vertical-align: -2px;
        background: var(--ink);
      }
    `,
  ];

  override render() {
    const { trace } = this.session;
    const { experts, layers } = this.session.shape.get();
    trace.version.get();
    if (!experts) return html``;
    if (experts === 1) return html`<span>one dense FFN in each layer, always on</span>`;
    let most = 0;
    for (let layer = 0; layer < layers; layer++) most = Math.max(most, trace.share(layer, trace.busiest(layer)));
    const top = Math.max(3 / experts, trace.count * trace.shape.perToken > 24 ? most : 0.5);
    return html`
      <span class="ramp">load so far, 0 %<span class="scale"><span class="chance" style=${`left:${100 / experts / top}%`}></span></span>
        <span class="end">${percent(top)}</span></span>
      <span><span class="tick"></span>chance: ${percent(1 / experts, 1)} of a layer’s slots</span>
      <span><span class="sign"></span>this token, gate weight in hundredths</span>
    `;
  }
}
