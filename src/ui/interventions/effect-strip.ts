/** KL of every position as a row of bars: where in the text the interventions change what comes next. */
import { css, html, nothing, type PropertyValues, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { panel } from '../article/panel-styles.ts';
import { spoken, visible } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';

const HEIGHT = 36;
const TOLD = 6;

@customElement('effect-strip')
export class EffectStrip extends SessionElement {
  @property({ attribute: false }) kl: Float32Array = new Float32Array(0);

  /** One path for all bars: the cost of drawing does not grow with their number of elements. */
  private bars = '';
  private most = 0;

  static override styles = [
    controls,
    panel,
    css`
      svg {
        display: block;
        width: 100%;
        height: 2.25rem;
        border-bottom: 1px solid var(--rule-2);
        cursor: pointer;
      }
      path {
        fill: var(--ink-2);
      }
      rect {
        fill: var(--now);
      }
      ol {
        list-style: none;
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 0.9rem;
        font-size: var(--size-1);
        padding-top: 0.25rem;
      }
      .token {
        font: 500 0.9375rem / 1.2 var(--text-face);
        white-space: pre;
      }
      @media (pointer: coarse) {
        li button.link {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('kl')) return;
    this.most = this.kl.reduce((most, value) => Math.max(most, value), 0);
    const height = (value: number) => (this.most ? (value / this.most) * HEIGHT : 0);
    this.bars = Array.from(this.kl, (value, t) => `M${t} ${HEIGHT}v${-height(value)}h1V${HEIGHT}`).join('');
  }

  override render() {
    const { kl, most, session } = this;
    const { texts } = session.trace;
    const at = session.inspected.get();
    const top = Array.from(kl.keys())
      .sort((a, b) => kl[b] - kl[a])
      .slice(0, TOLD)
      .filter((t) => kl[t] > 0);
    return html`<svg viewBox="0 0 ${Math.max(1, kl.length)} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"
        @pointermove=${this.onMove} @pointerleave=${() => session.selection.hover(null)} @click=${this.onClick}>
        <path d=${this.bars}></path>
        ${at !== null && at < kl.length ? svg`<rect x=${at} width="1" y="0" height=${HEIGHT} opacity="0.5"></rect>` : ''}</svg>
      <p class="label">one bar a position; the highest is ${most.toFixed(2)} nats. It changes most after</p>
      <ol>${top.map(
        (
          t,
        ) => html`<li><button class="link" @click=${() => session.selection.pinToken(t)} aria-label=${`Position ${t}, ${spoken(texts[t] ?? '')}, ${kl[t].toFixed(2)} nats`}>
          <span class="token" translate="no">${visible(texts[t] ?? '')}</span></button> ${kl[t].toFixed(2)}</li>`,
      )}</ol>
      <details ${discloses(session, 'effect')}><summary>As a table</summary>${session.disclosed('effect') ? this.twin() : nothing}</details>`;
  }

  private twin() {
    const { texts } = this.session.trace;
    return html`<table data-testid="effect-table"><thead><tr><th scope="col">after position</th><th scope="col">token</th><th scope="col">nats</th></tr></thead>
      <tbody>${Array.from(this.kl, (value, t) => html`<tr><th scope="row">${t}</th><td class="token" translate="no">${visible(texts[t] ?? '')}</td><td>${value.toFixed(3)}</td></tr>`)}</tbody></table>`;
  }

  private positionOf(event: PointerEvent | MouseEvent): number {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(this.kl.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * this.kl.length)));
  }

  private onMove = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') this.session.selection.hover(this.positionOf(event));
  };

  private onClick = (event: MouseEvent): void => this.session.selection.pinToken(this.positionOf(event));
}
