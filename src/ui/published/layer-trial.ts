/** Whether a published layer fits here: tried out first, then timed, whole or as a slice. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { slicesOf } from '../../compare/slices.ts';
import type { PublishedModel, Slice } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { Offered } from '../article/scroll-to.ts';
import { BUSY } from '../kit/busy.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { probeWords, sliceWords } from './published-words.ts';

@customElement('layer-trial')
export class LayerTrial extends SessionElement {
  @property({ attribute: false }) model!: PublishedModel;
  /** The part that a link offers to time again. */
  @property({ attribute: false }) asked: Slice | null = null;
  /** What is chosen was timed before. */
  @property({ type: Boolean }) again = false;

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.6rem;
      }
      .act {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        min-height: var(--touch);
      }
      .act select {
        max-width: 100%;
      }
      .said {
        font: 400 1.1875rem / 1.5 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
        max-width: 46rem;
        text-wrap: pretty;
      }
      .offer {
        flex-basis: 100%;
        font-weight: 600;
      }
      .failed {
        color: var(--fault);
        font-weight: 550;
      }
    `,
  ];

  protected readonly offered = new Offered(
    this,
    () => this.asked && `${this.model.id} ${sliceWords(this.model, this.asWhole(this.asked))}`,
    () => this.renderRoot.querySelector('.act'),
  );

  override render() {
    const { published } = this.session;
    const probe = published.probe.get();
    return html`
      ${probe.state === 'done' ? html`<p class="said" data-testid="probe-said">${probeWords(this.model, probe.result)}</p>` : nothing}
      <div class="act">${this.action()}</div>
    `;
  }

  private action() {
    const { published, measuring } = this.session;
    for (const measure of [published.probe.get(), published.timing.get()]) {
      if (measure.state !== 'running') continue;
      return html`<progress max=${measure.total || 1} .value=${measure.done} aria-label=${measure.step}></progress>
        <span role="status">${measure.step}</span>
        <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`;
    }
    if (this.asked) return this.toRepeat(this.asked);
    const probe = published.probe.get();
    if (probe.state === 'done' && probe.result.largestSlice) return this.toTime(probe.result.largestSlice);
    return html`<button class="main" ?disabled=${!this.possible()} @click=${() => published.tryOut()} data-testid="probe">Try what fits here</button>
      <span class="label">${this.obstacle() ?? 'Allocates a layer for a moment; nothing is fetched, weights are random.'}</span>
      ${this.failure()}`;
  }

  private toRepeat(slice: Slice) {
    return html`<p class="offer" data-testid="layer-offer">This link repeats a timing: ${this.model.name}, ${sliceWords(this.model, this.asWhole(slice))}. One press,
        and it is tried, and timed if it fits.</p>
      <button class="main" ?disabled=${!this.possible()} @click=${() => this.repeat(slice)} data-testid="repeat-layer">Repeat it here</button>
      <span class="label">${this.obstacle() ?? 'Allocates a layer; nothing is fetched, weights are random.'}</span>`;
  }

  private async repeat(slice: Slice): Promise<void> {
    const { session } = this;
    session.repeat.choose(null);
    await session.published.tryOut();
    const probe = session.published.probe.get();
    const largest = probe.state === 'done' ? probe.result.largestSlice : null;
    const slices = slicesOf(this.model);
    const at = (wanted: Slice) => slices.findIndex((each) => same(each, wanted));
    // What does not fit is said, and the largest slice offered instead.
    if (!largest || at(slice) < at(largest)) return;
    session.published.slice.choose(this.asWhole(slice));
    await session.published.time();
  }

  private toTime(largest: Slice) {
    const { published } = this.session;
    const slices = slicesOf(this.model);
    const from = slices.findIndex((slice) => same(slice, largest));
    const chosen = published.slice.get();
    return html`<label class="hidden" for="part">Part of the layer</label>
      <select id="part" data-testid="part" @change=${(event: Event) => {
        const slice = slices[Number((event.target as HTMLSelectElement).value)];
        published.slice.choose(this.asWhole(slice));
      }}>${slices
        .slice(from)
        .map(
          (slice, i) =>
            html`<option value=${from + i} ?selected=${same(slice, chosen ?? slices[0])}>${sliceWords(this.model, this.asWhole(slice))}</option>`,
        )}</select>
      <button class="main" ?disabled=${!this.possible()} @click=${() => published.time()} data-testid="time-layer">${this.again ? 'Time it again' : 'Time it'}</button>
      <span class="label">${this.obstacle() ?? 'One token, then 128 at once, beside dense layers.'}</span>
      ${this.failure()}`;
  }

  /** The whole layer is no slice. */
  private asWhole(slice: Slice): Slice | null {
    const { experts, expertHidden } = this.model;
    return same(slice, { experts, expertHidden }) ? null : slice;
  }

  private failure() {
    const { probe, timing } = this.session.published;
    return [probe.get(), timing.get()].map((measure) =>
      measure.state === 'failed' ? html`<span class="failed" role="alert">${measure.message}</span>` : nothing,
    );
  }

  private possible(): boolean {
    return this.obstacle() === null;
  }

  private obstacle(): string | null {
    const opened = this.session.opened.get();
    if (!opened) return 'This needs the live model’s device.';
    if (opened.info.kind === 'cpu') return 'Layers are timed on WebGPU only, and this page runs on the CPU.';
    return this.session.measuring.busy.get() ? BUSY : null;
  }
}

const same = (a: Slice, b: Slice): boolean => a.experts === b.experts && a.expertHidden === b.expertHidden;

declare global {
  interface HTMLElementTagNameMap {
    'layer-trial': LayerTrial;
  }
}
