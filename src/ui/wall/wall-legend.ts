/** What the wall counts, as a sentence that can be changed; the ramp with the chance level on it; the sign for this token. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { ShareOf } from '../../state/text/trace-store.ts';
import { isColoured } from '../../state/views/selection.ts';
import type { Scope } from '../../state/views/wall.ts';
import { percent } from '../kit/format.ts';
import { reducedMotion } from '../kit/frame.ts';
import { parts, say } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { rampEnd } from './ramp-end.ts';
import { placesOf } from './wall-places.ts';

const WINDOWS = [8, 32, 128, 512] as const;

@customElement('wall-legend')
export class WallLegend extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.1rem 1.4rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 1.2rem;
      }
      .counted {
        display: flex;
        align-items: center;
        gap: 0 0.4em;
      }
      select {
        width: auto;
        field-sizing: content;
        padding: 0.1rem 1.05rem 0.1rem 0;
        border: 0;
        border-radius: 0;
        text-decoration: underline 1px var(--rule-2);
        text-underline-offset: 0.3em;
        color: var(--ink);
        font-weight: 550;
        background-position: right 0 center;
        background-size: 0.5rem;
        cursor: pointer;
      }
      .ramp {
        display: grid;
        grid-template-columns: auto 7rem auto;
        align-items: center;
        gap: 0.4rem;
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
        min-width: 4.5ch;
      }
      .sign {
        display: inline-block;
        width: 10px;
        height: 10px;
        margin-right: 0.45em;
        vertical-align: -1px;
        background: linear-gradient(to top, var(--now) 60%, var(--now-soft) 60%);
      }
      .fading {
        display: inline-block;
        width: 4px;
        height: 6px;
        margin: 0 0.7em 0 3px;
        vertical-align: 1px;
        background: var(--now-soft);
        outline: 3px solid var(--load-0);
      }
      .hatched {
        display: inline-block;
        width: 10px;
        height: 10px;
        margin-right: 0.45em;
        vertical-align: -1px;
        border: 1px solid var(--ink-2);
        background: repeating-linear-gradient(135deg, var(--ink-2) 0 1px, transparent 1px 4px);
      }
      .line {
        display: inline-block;
        width: 14px;
        height: 3px;
        margin-right: 0.45em;
        vertical-align: 3px;
        background: linear-gradient(to right, var(--hue-0) 33%, var(--hue-2) 33% 66%, var(--hue-3) 66%);
      }
      .tick {
        display: inline-block;
        width: 2px;
        height: 12px;
        margin-right: 0.5em;
        vertical-align: -2px;
        background: var(--ink);
      }
      @media (max-width: 46rem) {
        .key,
        .counted {
          flex-wrap: wrap;
        }
        select {
          min-height: var(--touch);
        }
        details {
          flex: 1 0 100%;
        }
        summary {
          display: flex;
          align-items: center;
          gap: 0.9rem;
          cursor: pointer;
        }
        summary::after {
          content: 'all ▾';
          margin-left: auto;
          text-decoration: underline 1px var(--rule-2);
          text-underline-offset: 0.22em;
        }
        .ramp {
          grid-template-columns: auto 4rem auto;
        }
        .end {
          min-width: 0;
        }
      }
      @media (pointer: coarse) {
        @media (max-width: 46rem) {
          summary {
            margin-block: -0.6rem;
          }
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { trace, wall } = session;
    const { experts } = session.shape.get();
    trace.version.get();
    session.current.get();
    if (experts === 1) return html`<span>${say('dense-wall')}</span>`;
    const scope = wall.scope.get();
    const unfilled = experts ? '' : 'unfilled';
    const chance = experts ? wall.chance(session.layer.get()) : 0;
    const most = wall.shares().reduce((a, b) => Math.max(a, b), 0);
    const top = rampEnd(most, wall.tokens(), scope === 'token', chance);
    const counted = html`<span class="counted ${unfilled}">${this.scopes(scope)}${scope === 'token' ? '' : parts('as-share', { what: this.sharesOf() })}${this.orders()}</span>`;
    const ramp = html`<span class="ramp">0\u00a0%<span class="scale"><span class="chance" .style=${`left:${top ? Math.min(100, (100 * chance) / top) : 0}%`}></span></span>
          <span class="end">${percent(top)}</span></span>
        <span data-testid="wall-chance"><span class="tick"></span>${say('chance', { share: percent(chance, 1) })}</span>`;
    const narrow = session.place.narrow.get();
    const key = html`<span class="key ${unfilled}">
        ${narrow ? nothing : ramp}
        <span><span class="sign"></span>${say('this-token')}</span>
        ${reducedMotion() ? nothing : html`<span><span class="fading"></span>${say('tokens-before')}</span>`}
        ${session.interventions.get().some(({ kind }) => kind === 'off') ? html`<span><span class="hatched"></span>${say('switched-off')}</span>` : nothing}
        ${placesOf(session) ? html`<places-legend .session=${session}></places-legend>` : nothing}
        ${isColoured(session.shape.get()) ? html`<span><span class="line"></span>${say('tint-key')}</span>` : nothing}
      </span>`;
    if (!narrow) return html`${counted}${key}`;
    return html`<details><summary class=${unfilled}>${ramp}</summary>${counted}${key}</details>`;
  }

  private scopes(scope: Scope) {
    const { wall } = this.session;
    const size = wall.window.get();
    const sizes = WINDOWS.includes(size as (typeof WINDOWS)[number])
      ? WINDOWS
      : [...WINDOWS, size].sort((a, b) => a - b);
    return html`<select aria-label=${say('counts')} data-testid="wall-scope" @change=${this.onScope}>
      <option value="token" ?selected=${scope === 'token'}>${say('by-router')}</option>
      ${sizes.map(
        (n) =>
          html`<option value=${n} ?selected=${scope === 'window' && n === size}>${say('by-window', { count: n })}</option>`,
      )}
      <option value="all" ?selected=${scope === 'all'}>${say('by-text')}</option>
    </select>`;
  }

  private sharesOf() {
    const { wall } = this.session;
    const of = wall.shareOf.get();
    return html`<select aria-label=${say('share-of')} data-testid="wall-share" @change=${this.onShare}>
      <option value="assignments" ?selected=${of === 'assignments'}>${say('assignments')}</option>
      <option value="tokens" ?selected=${of === 'tokens'}>${say('tokens')}</option>
    </select>`;
  }

  private orders() {
    const sorted = this.session.wall.order.get() !== null;
    return html`<select aria-label=${say('ordered')} data-testid="wall-order" @change=${this.onOrder}>
      <option value="number" ?selected=${!sorted}>${say('by-number')}</option>
      <option value="load" ?selected=${sorted}>${say(sorted ? 'by-load-then' : 'by-load')}</option>
      ${sorted ? html`<option value="again">${say('by-load-now')}</option>` : ''}
    </select>`;
  }

  private onScope = (event: Event): void => {
    const { wall } = this.session;
    const { value } = event.target as HTMLSelectElement;
    if (value !== 'token' && value !== 'all') wall.window.choose(Number(value));
    wall.scope.choose(value === 'token' || value === 'all' ? value : 'window');
  };

  private onShare = (event: Event): void => {
    this.session.wall.shareOf.choose((event.target as HTMLSelectElement).value as ShareOf);
  };

  private onOrder = (event: Event): void => {
    const { wall } = this.session;
    const select = event.target as HTMLSelectElement;
    if (select.value === 'number') wall.unsort();
    else wall.sort();
    if (select.value === 'again') select.value = 'load';
  };
}
