/** Kinds of text against the experts of a layer, as the model's card counted them on held-out text; and the text on the page. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { KindLoad } from '../../state/models/card.ts';
import { pairsOf, splitOf } from '../../state/views/kinds.ts';
import { article } from '../article/article-styles.ts';
import { foundStyles } from '../article/found-styles.ts';
import { percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { OpenCard } from '../models/open-card.ts';
import { DOMAINS } from './domains.ts';
import { shadeOf } from './shade.ts';

const NAMES = new Map(DOMAINS);
const nameOf = (kind: string): string => NAMES.get(kind) ?? kind;
/** Of the ramp's end, as much of chance as this, so that an even layer looks even. */
const RAMP = 3;

const listed = (names: readonly string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

@customElement('who-does-what')
export class WhoDoesWhat extends SessionElement {
  @state() private layer: number | null = null;
  private readonly open = new OpenCard(this);

  static override styles = [
    controls,
    article,
    foundStyles,
    css`
      .said {
        max-width: 46rem;
      }
      .layers {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.2rem 0.9rem;
        font-size: var(--size-2);
      }
      .layers button[aria-pressed='true'] {
        font-weight: 600;
        text-decoration-thickness: 2px;
      }
      .around {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-spacing: 2px;
        border-collapse: separate;
        table-layout: fixed;
        font-size: var(--size-1);
        font-variant-numeric: tabular-nums;
      }
      th {
        font-weight: 400;
        text-align: left;
        white-space: nowrap;
      }
      th.kind {
        width: 9.5rem;
      }
      thead th[scope='col'] {
        text-align: center;
        padding: 0;
        color: var(--ink-2);
      }
      td {
        height: 1.9rem;
        padding: 0;
        text-align: center;
        background: color-mix(in oklch, var(--load-1) calc(var(--share) * 100%), var(--load-0));
        color: var(--ink);
      }
      td.dark {
        color: var(--paper);
      }
      .live th,
      .live td {
        border-top: 2px solid var(--ink);
      }
      .live th {
        font-weight: 600;
      }
      @media (max-width: 46rem) {
        table {
          min-width: 34rem;
        }
        th.kind {
          width: 7rem;
          white-space: normal;
        }
        .layers {
          gap: 0;
        }
        .layers button {
          min-height: var(--touch);
          min-width: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const entry = this.open.ask(this.session);
    const { card, failed } = this.open;
    if (entry === 'own')
      return html`<p class="note">A model from elsewhere has no card that says what its experts were used for.</p>`;
    if (failed) return html`<p class="note">The card is not here: ${failed}</p>`;
    if (!card) return html`<p class="note">The card is on its way.</p>`;
    if (!card.kinds.length) return html`<p class="note">A dense model has no experts to share the work.</p>`;
    return this.shown(card.kinds, card.tokensPerDomain);
  }

  private shown(kinds: readonly KindLoad[], tokens: number | undefined) {
    const layers = kinds[0].shares.length;
    const layer = Math.min(this.layer ?? layers - 1, layers - 1);
    const experts = kinds[0].shares[layer].length;
    const split = splitOf(pairsOf(kinds));
    const most = Math.max(RAMP / experts, ...kinds.flatMap(({ shares }) => shares[layer]));
    return html`
      ${split ? html`<p class="said" data-testid="kinds-said">${this.words(kinds, split)}</p>` : nothing}
      <div class="layers" role="group" aria-label="Layer"><span>Layer</span>${Array.from(
        { length: layers },
        (_, each) =>
          html`<button class="link" aria-pressed=${each === layer} @click=${() => (this.layer = each)}>${each}</button>`,
      )}</div>
      <div class="around" tabindex="0" role="region" aria-label="Kinds of text and experts"><table data-testid="kinds">
        <thead><tr><th class="kind">share of layer ${layer}’s choices, %</th>${Array.from({ length: experts }, (_, expert) => html`<th scope="col">${expert}</th>`)}</tr></thead>
        <tbody>${kinds.map(({ kind, shares }) => this.row(nameOf(kind), shares[layer], most))}${this.live(layer, experts, most)}</tbody>
      </table></div>
      <p class="note">Counted on held-out text${tokens ? `, ${tokens.toLocaleString('en')} tokens a kind` : ''}, of the model as shipped; by chance every share would be ${percent(1 / experts, 1)}.
        Sharing: how much of their choices two kinds send to the same experts (Σ min, mean over layers). Nobody named the experts, and a busy expert
        need not know anything of its own: the proof is to switch it off, as the next section does.</p>`;
  }

  private words(kinds: readonly KindLoad[], { together, within, others }: NonNullable<ReturnType<typeof splitOf>>) {
    const rest = kinds.map(({ kind }) => kind).filter((kind) => !together.includes(kind));
    const range = ([low, high]: readonly [number, number]) =>
      percent(low) === percent(high) ? percent(low) : `${percent(low).replace(' %', '')} to ${percent(high)}`;
    return `Here ${listed(together.map(nameOf))} share ${range(within)} of their choices of experts. Any two others, with ${listed(rest.map(nameOf))} among them, share ${range(others)}: those have experts of their own.`;
  }

  private row(name: string, shares: readonly number[], most: number, live = false) {
    return html`<tr class=${live ? 'live' : ''}><th scope="row" class="kind">${name}</th>${shares.map((value) => {
      const { shade, dark } = shadeOf(Math.min(1, value / most));
      return html`<td class=${dark ? 'dark' : ''} .style=${`--share:${shade.toFixed(3)}`}>${(100 * value).toFixed(0)}</td>`;
    })}</tr>`;
  }

  /** The text on the page, where it is of this model. */
  private live(layer: number, experts: number, most: number) {
    const { trace, phase } = this.session;
    // As far as it stood when it was last at rest: a token that is being written costs nothing here.
    if (phase.get() !== 'going') trace.version.get();
    if (trace.count < 8 || trace.shape.experts !== experts || layer >= trace.shape.layers) return nothing;
    const shares = Array.from({ length: experts }, (_, expert) => trace.share(layer, expert));
    return this.row(`the text here, ${trace.count} tokens`, shares, most, true);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'who-does-what': WhoDoesWhat;
  }
}
