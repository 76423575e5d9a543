/** Quality beside speed: which models read, what else they read, and what they found. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { runOfQuality } from '../../state/saves/history.ts';
import type { ModelEntry } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { BUSY } from '../kit/busy.ts';
import { bytes } from '../kit/format.ts';
import './quality-results.ts';
import { Offered } from '../article/scroll-to.ts';
import { ROLES } from '../kit/kinds.ts';
import { qualityReport } from '../saves/quality-report.ts';
import { notComparable } from './quality-words.ts';
import '../saves/result-card.ts';
import '../saves/run-history.ts';
import { controls, SessionElement } from '../kit/shared.ts';

@customElement('quality-section')
export class QualitySection extends SessionElement {
  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.2rem;
      }
      .ask {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1.2rem 4rem;
        align-items: start;
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        min-width: 0;
      }
      legend,
      .own label {
        font-weight: 600;
        padding: 0;
        margin-bottom: 0.3rem;
      }
      .own {
        display: grid;
      }
      .own label small {
        font-weight: 400;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      textarea {
        min-height: 6.2rem;
        resize: vertical;
        font: 400 1.0625rem / 1.45 var(--text-face);
      }
      .model {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        min-height: 2rem;
        border-top: 1px solid var(--rule);
      }
      .model input {
        flex: none;
        width: 1.05rem;
        height: 1.05rem;
        accent-color: var(--ink);
      }
      .model span:last-child {
        margin-left: auto;
        color: var(--ink-2);
      }
      .act {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        min-height: var(--touch);
      }
      .offer {
        flex-basis: 100%;
        font-weight: 600;
      }
      .failed {
        color: var(--fault);
        font-weight: 550;
      }
      .behind {
        color: var(--ink);
        margin-top: 0.5rem;
      }
      @media (max-width: 60rem) {
        .ask {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (pointer: coarse) {
        .model {
          min-height: var(--touch);
        }
      }
    `,
  ];

  protected readonly offered = new Offered(
    this,
    () => (this.isAsked() ? 'quality' : null),
    () => this.renderRoot.querySelector('.act'),
  );

  /** A link offers to repeat it. */
  private isAsked(): boolean {
    return this.session.repeat.get() === 'quality';
  }

  override render() {
    const { quality, catalog } = this.session;
    const entries = catalog.get()?.models ?? [];
    const result = quality.result.get();
    const running = quality.measure.get().state === 'running';
    const whole = !running && result?.points.length ? result : null;
    return html`
      <div class="ask">
        <fieldset>
          <legend>Models that read and write</legend>
          ${entries.map((entry) => this.model(entry))}
          ${this.behind(entries)}
        </fieldset>
        <div class="own">
          <label for="own">Your own text <small>if you like; it stays in this tab</small></label>
          <textarea id="own" data-testid="own-text" spellcheck="false" .value=${quality.text.get()}
            placeholder="They are asked to guess it, token by token, like the held-out text."
            @input=${(event: Event) => quality.text.choose((event.target as HTMLTextAreaElement).value)}></textarea>
        </div>
      </div>
      <div class="act">${this.action()}</div>
      ${quality.shown.get() ? html`<quality-results .session=${this.session}></quality-results>` : nothing}
      ${whole ? html`<result-card .session=${this.session} .report=${qualityReport(whole)}></result-card>` : nothing}
      <run-history what="quality" .now=${whole && runOfQuality(whole)}></run-history>
    `;
  }

  private model({ id, role, bytes: size }: ModelEntry) {
    const { quality } = this.session;
    return html`<label class="model"><input type="checkbox" .checked=${!quality.leftOut.get().has(id)} @change=${() => quality.toggle(id)}>
      <span>${ROLES[role]}</span><span>${bytes(size)}</span></label>`;
  }

  private behind(entries: readonly ModelEntry[]) {
    const words = notComparable(entries.map(({ role, tokensSeen }) => ({ name: ROLES[role], tokensSeen })));
    return words ? html`<p class="note behind" data-testid="behind">${words}</p>` : nothing;
  }

  private action() {
    const { session } = this;
    const { quality, measuring } = session;
    const measure = quality.measure.get();
    if (measure.state === 'running') {
      return html`<progress max=${measure.total || 1} .value=${measure.done} aria-label=${measure.step}></progress>
        <span role="status">${measure.step}</span>
        <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`;
    }
    const models = quality.models.get();
    const possible = session.opened.get() !== null && models.length > 0 && !measuring.busy.get();
    return html`${this.isAsked() ? html`<p class="offer">This link repeats a measurement of quality beside speed. One press, and it runs on this machine.</p>` : nothing}
      <button class="main" ?disabled=${!possible} @click=${() => quality.read()} data-testid="read-quality">
        ${quality.result.get() ? 'Read and time them again' : 'Read and time them'}</button>
      <span class="label">${this.price(models)}</span>
      ${measure.state === 'failed' ? html`<span class="failed" role="alert">${measure.message}</span>` : nothing}`;
  }

  /** What it takes, said before it is taken. */
  private price(models: readonly ModelEntry[]): string {
    const opened = this.session.opened.get();
    if (!opened) return 'This needs the live model.';
    if (!models.length) return 'Choose at least one model.';
    if (this.session.measuring.busy.get()) return BUSY;
    const fetched = `Fetches ${bytes(models.reduce((sum, model) => sum + model.bytes, 0))} unless the browser still has them`;
    const slow = opened.info.fallback || opened.info.kind === 'cpu';
    return slow ? `${fetched}. Without a GPU it takes minutes.` : `${fetched}.`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'quality-section': QualitySection;
  }
}
