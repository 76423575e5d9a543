/** Loss against time and against FLOPs, and the same by kind of text, as the engines measured it. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { compare, isBehind, mostTokens, readingOf, type Wanted } from '../../state/saves/quality-points.ts';
import type { Quality, QualityPoint } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import type { Series } from '../chart/types.ts';
import { discloses } from '../page/disclosure.ts';
import '../chart/dot-chart.ts';
import { sentenceStyles } from '../article/found-styles.ts';
import { bits, short, time } from '../kit/format.ts';
import { KIND_WORDS, ROLES } from '../kit/kinds.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { pointTable, textsOf, textTable } from './quality-tables.ts';
import { method, nameOf, notComparable, unsteady, verdict } from './quality-words.ts';

type Across = 'time' | 'flops';

const ACROSS: readonly Across[] = ['time', 'flops'];

const MARKS = {
  'dense-active': KIND_WORDS['same-active'].look.mark,
  'dense-total': KIND_WORDS['same-total'].look.mark,
} as const;

@customElement('quality-results')
export class QualityResults extends SessionElement {
  @state() private wanted: Wanted = 'held-out';
  /** Whether the plots show models that cannot be compared yet, which push the others together. */
  @state() private withLate = false;

  static override styles = [
    controls,
    article,
    sentenceStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.4rem;
      }
      .behind {
        font-weight: 550;
        color: var(--ink);
      }
      .which,
      .which label {
        display: flex;
        align-items: center;
        gap: 0.3rem 0.6rem;
        flex-wrap: wrap;
      }
      .which .tick {
        margin-left: auto;
        min-height: 2rem;
      }
      .tick input {
        width: 1.05rem;
        height: 1.05rem;
        accent-color: var(--ink);
      }
      .plots {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1.5rem 3rem;
        align-items: start;
      }
      .numbers {
        width: 100%;
      }
      .numbers thead th {
        white-space: normal;
        max-width: 7.5rem;
      }
      .numbers th:last-child,
      .numbers td:last-child {
        padding-right: 0;
      }
      .best {
        font-weight: 650;
      }
      .late {
        color: var(--ink-2);
      }
      small {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      @media (max-width: 60rem) {
        .plots {
          grid-template-columns: minmax(0, 1fr);
        }
        .which .tick {
          margin-left: 0;
        }
      }
      @media (pointer: coarse) {
        .which .tick {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const { shown, measure } = this.session.quality;
    const quality = shown.get();
    if (!quality) return nothing;
    const running = measure.get().state === 'running';
    return html`
      ${quality.lost ? html`<p class="found behind" data-testid="quality-lost">${quality.lost}</p>` : nothing}
      ${quality.points.length ? this.points(quality) : nothing}
      <div><h3>Bits per byte by kind of text</h3>${textTable(quality, running)}</div>
    `;
  }

  /** Those who have read everything. */
  private points(quality: Quality) {
    const [first] = quality.points;
    const wanted = readingOf(first, this.wanted) ? this.wanted : 'held-out';
    const texts = [first.heldout, ...textsOf(first)];
    const on = readingOf(first, wanted)!;
    return html`
      <div data-testid="found">${this.found(quality, wanted)}</div>
      <div class="which"><label for="text">Loss on</label>
        <select id="text" data-testid="which-text" @change=${(event: Event) => {
          this.wanted = (event.target as HTMLSelectElement).value;
        }}>
        ${texts.map(({ domain, title }) => html`<option value=${domain} ?selected=${domain === wanted}>${title}</option>`)}</select>
        <span class="label">n = ${on.tokens} tokens, ${on.bytes} bytes${this.leftOut(quality, wanted)}</span>
        ${this.tick(quality.points)}</div>
      <div class="plots">
        ${ACROSS.map((across) => this.chart(quality.points, wanted, across))}
      </div>
      ${this.caption(quality)}
      <div><h3>Every point</h3>${pointTable(quality.points, wanted)}</div>
    `;
  }

  private found({ points }: Quality, wanted: Wanted) {
    const compared = (['dense-active', 'dense-total'] as const)
      .map((role) => compare(points, role, wanted))
      .filter((each) => each !== null);
    const behind = notComparable(points.map(({ model, tokensSeen }) => ({ name: ROLES[model.role], tokensSeen })));
    return html`${compared.map((each) => html`<p class="found">${verdict(each)}</p>`)}
      ${behind ? html`<p class="found behind">${behind}</p>` : nothing}`;
  }

  private tick(points: readonly QualityPoint[]) {
    const most = mostTokens(points);
    if (!points.some(({ tokensSeen }) => isBehind(tokensSeen, most))) return nothing;
    return html`<label class="tick"><input type="checkbox" .checked=${this.withLate} @change=${() => {
      this.withLate = !this.withLate;
    }}> Draw what cannot be compared yet</label>`;
  }

  private leftOut({ points }: Quality, wanted: Wanted): string {
    const { leftOut } = points[0];
    return wanted === 'pasted' && leftOut ? `; the ${leftOut} tokens after them are beyond the models’ context` : '';
  }

  private chart(points: readonly QualityPoint[], wanted: Wanted, across: Across) {
    const label = across === 'time' ? 'Loss against measured time per token' : 'Loss against computed FLOPs per token';
    const series = seriesOf(points, wanted, across).filter(({ late }) => this.withLate || !late);
    if (!series.length) return nothing;
    return html`<figure><h3>${label}</h3><dot-chart label=${label} xLabel=${across === 'time' ? 'time per token' : 'FLOPs per token'}
      yLabel="bits per byte" xScale="log" lines="26" .series=${series}
      .xFormat=${across === 'time' ? time : short} .yFormat=${bits} .disclosure=${discloses(this.session, across === 'time' ? 'lossTime' : 'lossFlops')} data-testid=${`loss-${across}`}></dot-chart></figure>`;
  }

  private caption(quality: Quality) {
    const { points } = quality;
    const fallback = points.some(({ info }) => info.fallback);
    const onCpu = points.filter(({ info }) => info.kind === 'cpu').map(nameOf);
    const k = points.find(({ model, trained }) => model.role === 'moe' && trained)?.k;
    return html`<div data-testid="quality-method">
      <p class="note">${fallback ? html`<strong>Software adapter: these times mean nothing about a GPU.</strong> ` : nothing}
        ${onCpu.length ? html`<strong>On the CPU: ${onCpu.join('; ')}.</strong> ` : nothing}${method(quality)}
        FLOPs are computed: two for each weight that a token is multiplied with; attention’s products with the text before it are
        left out. Less loss is better, and so is further left.</p>
      ${k ? html`<p class="note">The MoE was trained with k = ${k}: with another k its experts do what they have not learned.</p>` : nothing}
      ${unsteady(points) ? html`<p class="note"><strong>${unsteady(points)}</strong></p>` : nothing}
    </div>`;
  }
}

/** The MoE as a line over k, each dense model as one point; what cannot be compared yet is crossed and says so. */
function seriesOf(
  points: readonly QualityPoint[],
  wanted: Wanted,
  across: Across,
): (Series & { readonly late: boolean })[] {
  const most = mostTokens(points);
  const read = points.flatMap((point) => {
    const reading = readingOf(point, wanted);
    const place = placeOf(point, across);
    return reading && place ? [{ point, y: reading.bitsPerByte, ...place }] : [];
  });
  const routed = read.filter(({ point }) => point.model.role === 'moe');
  const dense = read.flatMap(({ point, ...place }) => {
    if (point.model.role === 'moe') return [];
    const late = isBehind(point.tokensSeen, most);
    const name = `${ROLES[point.model.role]}${late ? ', not comparable yet' : ''}`;
    return [{ name, mark: late ? ('cross' as const) : MARKS[point.model.role], points: [place], late }];
  });
  const moe = {
    ...({ name: ROLES.moe, mark: 'disc', line: 'solid', accent: true, late: false } as const),
    points: routed.map(({ point: { k, trained }, ...place }) => ({
      ...place,
      label: `k = ${k}${trained ? ', trained' : ''}`,
      main: trained,
    })),
  };
  return routed.length ? [moe, ...dense] : dense;
}

/** null for a time that was not taken yet. */
function placeOf({ time, flops }: QualityPoint, across: Across): { x: number; xSpread?: number } | null {
  if (across === 'flops') return { x: flops };
  return time && { x: time.median, xSpread: time.spread };
}

declare global {
  interface HTMLElementTagNameMap {
    'quality-results': QualityResults;
  }
}
