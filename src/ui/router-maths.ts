/** For one token in one layer, the router's sum step by step, with the numbers of the run. */
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { visible } from './format.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('router-maths')
export class RouterMaths extends SessionElement {
  static override styles = [controls, panel];

  override render() {
    const { session } = this;
    const { trace } = session;
    const at = session.current.get();
    const layer = session.layer.get();
    trace.version.get();
    const router = at < 0 ? null : trace.router(at, layer);
    if (!router) return html`<p class="none">No router’s probabilities are here yet.</p>`;
    return html`<h2><span class="said">${visible(trace.texts[at])}</span> <span class="where">in layer ${layer}</span></h2>
      <table data-testid="maths"><thead><tr><th>expert</th><th>probability</th><th>weight</th></tr></thead>
      <tbody>${Array.from({ length: trace.chosen(at, layer) }, (_, rank) => {
        const expert = trace.expert(at, layer, rank);
        return html`<tr><th scope="row">${expert}</th><td>${router[expert].toFixed(3)}</td><td>${trace.gate(at, layer, rank).toFixed(3)}</td></tr>`;
      })}</tbody></table>`;
  }
}
