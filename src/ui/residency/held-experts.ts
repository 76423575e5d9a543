/** The model on the page with only some of a layer's experts on the GPU: the others come when a router asks for them. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Residency } from '../../worker/protocol.ts';
import { bytes, percent } from '../format.ts';
import { controls, SessionElement } from '../shared.ts';

/** Between two questions to a worker that writes. */
const ASK_MILLISECONDS = 400;

@customElement('held-experts')
export class HeldExperts extends SessionElement {
  /** Experts of a layer, as the slider stands. */
  @property({ type: Number }) held = 0;
  /** Of one expert, in bytes; null where that is not known. */
  @property({ attribute: false }) expertBytes: number | null = null;
  /** null: all experts are on the GPU. */
  @state() private now: Residency | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 0.6rem;
        justify-items: start;
      }
      .said {
        font: 500 var(--size-4) / 1.35 var(--text-face);
      }
      .note {
        font-size: var(--size-2);
        color: var(--ink-2);
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  override render() {
    const { session } = this;
    const opened = session.opened.get();
    session.trace.version.get();
    if (!opened) return nothing;
    if (opened.info.kind !== 'webgpu')
      return html`<p class="note">Here the CPU computes, and all experts are in its memory. With WebGPU this model can be run with fewer on the GPU.</p>`;
    const { experts } = session.shape.get();
    const { now } = this;
    return html`${now ? this.said(now) : nothing}
      <div class="acts">
        <button ?disabled=${now?.entries === this.held || (!now && this.held === experts)} @click=${() => this.hold(this.held)} data-testid="hold">
          Write this text again with ${this.held} of ${experts} experts of a layer on the GPU</button>
        ${now ? html`<button @click=${() => this.hold(null)} data-testid="hold-all">Hold all again</button>` : nothing}
      </div>`;
  }

  private said({ held, hits, misses, bytesMoved, entries }: Residency) {
    const { experts } = this.session.shape.get();
    const layers = held.filter((layer) => layer.length > 0).length;
    const there = held.reduce((sum, layer) => sum + layer.length, 0);
    const { expertBytes } = this;
    return html`<p class="said" data-testid="held-said">This text was written with ${there} of ${layers * experts} experts on this GPU${
      expertBytes ? `: ${bytes(entries * layers * expertBytes)} of ${bytes(experts * layers * expertBytes)}` : ''
    }. ${hits + misses ? html`${percent(hits / (hits + misses))} of those that the routers asked for were there; ${bytes(bytesMoved)} were fetched for the others.` : nothing}</p>
      <p class="note">Measured while it writes. The same seed writes the same text, bit for bit, however few are there; what a miss costs is time.</p>`;
  }

  protected override updated(): void {
    if (this.timer !== undefined || this.session.opened.get()?.info.kind !== 'webgpu') return;
    this.timer = setTimeout(this.ask, ASK_MILLISECONDS);
  }

  private ask = async (): Promise<void> => {
    const now = await this.session.client.residency().catch(() => null);
    this.timer = undefined;
    if (JSON.stringify(now) !== JSON.stringify(this.now)) this.now = now;
  };

  private hold(experts: number | null): void {
    this.session.touched();
    void this.session.opening.hold(experts);
  }
}
