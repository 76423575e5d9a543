/** How evenly and how surely the routers choose: the field's measures, layer by layer, beside their chance values. */
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { loadEntropy } from '../state/measures/load.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('routing-measures')
export class RoutingMeasures extends SessionElement {
  static override styles = [controls, panel];

  override render() {
    const { trace, shape } = this.session;
    const { layers, experts } = shape.get();
    trace.version.get();
    return html`<h2>Measures</h2><table>
      <thead><tr><th>layer</th>${Array.from({ length: layers }, (_, layer) => html`<th scope="col">${layer}</th>`)}</tr></thead>
      <tbody><tr><th scope="row">load entropy</th>${Array.from(
        { length: layers },
        (_, layer) =>
          html`<td>${loadEntropy(trace.load.subarray(layer * experts, (layer + 1) * experts)).toFixed(3)}</td>`,
      )}</tr></tbody></table>`;
  }
}
