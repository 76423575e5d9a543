/** "What does it save?": the MoE against its dense twins on this machine, from one token per step to 512. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type Comparison, REACHES, type Reach } from '../../state/saves/comparison.ts';
import { runOfSweep } from '../../state/saves/history.ts';
import type { Opened } from '../../worker/protocol.ts';
import { panel } from '../article/panel-styles.ts';
import { Offered } from '../article/scroll-to.ts';
import { BUSY } from '../kit/busy.ts';
import { adapterWords } from '../kit/format.ts';
import './result-card.ts';
import './run-history.ts';
import './saves-bars.ts';
import './saves-charts.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { savesStyles } from './styles.ts';
import { reachOf, sweepReport } from './sweep-report.ts';
import { driftWords, FALLBACK, methodWords, unsteadyWords } from './words.ts';

const REACH_WORDS: Record<Reach, string> = {
  8: 'decode alone: 1 to 8 tokens',
  64: '1 to 64 tokens',
  512: '1 to 512 tokens',
};

@customElement('saves-panel')
export class SavesPanel extends SessionElement {
  /** null: as far as makes sense on this adapter. */
  @state() private reach: Reach | null = null;

  static override styles = [
    controls,
    panel,
    savesStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.3rem;
        align-content: start;
        padding-bottom: 1.5rem;
      }
      header {
        display: grid;
        gap: 0.5rem;
      }
      .offer {
        flex-basis: 100%;
        font-weight: 600;
        text-wrap: pretty;
      }
      .lead {
        max-width: 46rem;
        color: var(--ink-2);
      }
    `,
  ];

  protected readonly offered = new Offered(
    this,
    () => this.asked()?.toString() ?? null,
    () => this.renderRoot.querySelector('.action'),
  );

  override render() {
    const { session } = this;
    const opened = session.opened.get();
    const { experts, expertsPerToken } = session.shape.get();
    const comparison = session.comparing.found.get();
    if (opened && opened.model.experts < 2) {
      return html`<h2>What does it save?</h2><p class="none">This model is dense: there is nothing to route. Open the MoE to compare it with dense blocks.</p>`;
    }
    const shape = opened ? shapeOf(opened) : null;
    return html`
      ${shape ? html`<saves-bars .session=${session} .shape=${shape} .comparison=${comparison}></saves-bars>` : nothing}
      <header>
        <h2>This MoE beside a dense block of the same active size, one of the same total size, and itself with all experts on</h2>
        <p class="lead">One layer’s block, the same kernels, the same precision, and for each the quicker of the same two sets of
          kernels.${session.place.guest ? ' It saves arithmetic, and reading where few tokens share a step. It does not save memory.' : nothing}</p>
        <div class="action">${this.action(opened, comparison)}</div>
        ${this.warnings(comparison)}
      </header>
      ${experts > 1 ? html`<saves-charts .session=${session} .shape=${shape ?? { experts, expertsPerToken }} .comparison=${comparison}></saves-charts>` : nothing}
      ${
        comparison
          ? html`<p class="note" data-testid="method">Measured on ${comparison.info.name}, ${comparison.browser}, ${comparison.date.slice(0, 10)}. ${methodWords(comparison.method)}
              No figure here says anything about another GPU.</p>
            <result-card .session=${session} .report=${sweepReport(comparison)}></result-card>`
          : nothing
      }
      <run-history what="sweep" .now=${comparison && runOfSweep(comparison)}></run-history>
    `;
  }

  private action(opened: Opened | null, comparison: Comparison | null) {
    const { comparing, measuring } = this.session;
    const run = comparing.run.get();
    if (run.state === 'running') {
      return html`<progress max="100" .value=${run.done} aria-label="Measuring"></progress>
        <span role="status" data-testid="saves-step">${run.step}</span>
        <button class="link" @click=${() => comparing.cancel()} data-testid="saves-cancel">Cancel</button>`;
    }
    if (opened?.info.kind === 'cpu')
      return html`<span class="label">Times are measured on WebGPU only; this page runs on the CPU.</span>`;
    const asked = this.asked();
    const reach = asked ?? this.reach ?? (opened?.info.fallback ? 8 : 512);
    return html`${asked ? html`<p class="offer" data-testid="saves-offer">This link repeats a measurement of ${REACH_WORDS[asked]}${asked === 8 ? '' : ' per step'}. One press, and it runs on this machine.</p>` : nothing}
      <button class="main" ?disabled=${!opened || measuring.busy.get()} @click=${() => this.measure(reach)} data-testid="saves-measure">${comparison ? 'Measure again' : `Measure on ${adapterWords(opened?.info)}`}</button>
      <label class="hidden" for="reach">How far</label>
      <select id="reach" @change=${this.onReach} ?disabled=${!opened} data-testid="saves-reach">
        ${REACHES.map((each) => html`<option value=${each} ?selected=${each === reach}>${REACH_WORDS[each]}</option>`)}
      </select>
      ${opened ? nothing : html`<span class="label">The measurement needs the live model.</span>`}
      ${run.state === 'failed' ? html`<span class="failed" role="alert">${run.message}</span>` : nothing}
      ${measuring.busy.get() ? html`<span class="label">${BUSY}</span>` : nothing}`;
  }

  /** What a link offers to repeat. */
  private asked(): Reach | null {
    return REACHES.find((reach) => String(reach) === this.session.repeat.get()) ?? null;
  }

  private warnings(comparison: Comparison | null) {
    const { comparing, opened } = this.session;
    const software = (comparison?.info ?? opened.get()?.info)?.fallback;
    const unsteady = comparison && unsteadyWords(comparison);
    const drift = comparison && driftWords(comparison);
    const idle = comparing.run.get().state !== 'running';
    return html`
      ${software ? html`<p class="warning" data-testid="saves-fallback">${FALLBACK}</p>` : nothing}
      ${comparison?.lost ? html`<p class="warning" data-testid="saves-lost">${comparison.lost}</p>` : nothing}
      ${
        unsteady
          ? html`<p class="warning" data-testid="saves-unsteady">${unsteady}
              ${idle ? html`<button class="link" @click=${() => this.measure(reachOf(comparison))}>Close what you can, and measure again</button>` : nothing}</p>`
          : nothing
      }
      ${drift ? html`<p class="note" data-testid="saves-drift">${drift}</p>` : nothing}`;
  }

  private measure(reach: Reach): void {
    void this.session.comparing.start(reach);
  }

  private onReach = (event: Event): void => {
    this.reach = Number((event.target as HTMLSelectElement).value) as Reach;
    this.session.repeat.choose(null);
  };
}

function shapeOf({ model: { width, expertHidden, experts, expertsPerToken } }: Opened) {
  return { width, expertHidden, experts, expertsPerToken };
}

declare global {
  interface HTMLElementTagNameMap {
    'saves-panel': SavesPanel;
  }
}
