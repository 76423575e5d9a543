/** What the MoE saves against its dense twins on this machine, and where it saves nothing. */
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { expectedExpertsTouched } from '../compare/costModel.ts';
import './dot-chart.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

/** Tokens per step, as the slider and the charts have them. */
const BATCHES: readonly number[] = Array.from({ length: 10 }, (_, power) => 2 ** power);

@customElement('saves-panel')
export class SavesPanel extends SessionElement {
  static override styles = [
    controls,
    panel,
    css`
      h2 {
        margin-bottom: 0.4rem;
      }
    `,
  ];

  override render() {
    const { experts, perToken } = this.session.shape.get();
    if (experts < 2) return html`<p class="none">This model is dense: there is nothing to route.</p>`;
    const points = BATCHES.map((tokens) => ({ x: tokens, y: expectedExpertsTouched(experts, perToken, tokens) }));
    return html`
      <h2>Experts of a layer that a step of N tokens touches</h2>
      <dot-chart label="Experts touched, by tokens per step" xLabel="tokens per step" yLabel="experts" xScale="log2" fromZero lines="18"
        .series=${[{ name: 'predicted', points, mark: 'ring', line: 'dashed' }]}
        .yFormat=${(value: number) => value.toFixed(value % 1 ? 1 : 0)}></dot-chart>
      <p class="note">Computed: E (1 − (1 − K/E)<sup>N</sup>), for even and independent choices.</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'saves-panel': SavesPanel;
  }
}
