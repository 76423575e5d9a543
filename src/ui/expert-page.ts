/** One expert: what went there in this text, beside what chance would send. */
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { percent } from './format.ts';
import { panel } from './panel-styles.ts';
import { controls, SessionElement } from './shared.ts';

@customElement('expert-page')
export class ExpertPage extends SessionElement {
  static override styles = [controls, panel];

  override render() {
    const { trace, inspectedExpert, shape } = this.session;
    const { layers, experts } = shape.get();
    const asked = inspectedExpert.get();
    trace.version.get();
    if (!asked || asked.layer >= layers || asked.expert >= experts) {
      return html`<h2>An expert</h2><p class="none">Choose a cell of the wall: its expert is described here.</p>`;
    }
    const { layer, expert } = asked;
    return html`<h2>Expert ${expert} in layer ${layer}</h2>
      <p>It took ${trace.load[layer * experts + expert]} of ${trace.count} tokens here,
        ${percent(trace.share(layer, expert, 'tokens'), 1)}; chance is ${percent(trace.chance(layer, 'tokens'), 1)}.</p>`;
  }
}
