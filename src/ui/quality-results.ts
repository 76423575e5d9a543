/** Loss against time and against FLOPs, and the same by kind of text, as the engines measured it. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { compare, isBehind, mostTokens, readingOf, type Wanted } from '../state/quality.ts';
import type { Quality, QualityPoint } from '../worker/protocol.ts';
import { article } from './article-styles.ts';
import type { Series } from './chart/types.ts';
import './dot-chart.ts';
import { bits, bytes, million, short, time } from './format.ts';
import { KIND_WORDS, ROLES } from './kinds.ts';
import { method, nameOf, notComparable, unsteady, verdict } from './quality-words.ts';
import { controls, SessionElement } from './shared.ts';

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
  @state() private withLate = true;

  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.4rem;
      }
      .found {
        font: 400 1.1875rem / 1.5 var(--text-face);
        font-variant-numeric: tabular-nums lining-nums;
        max-width: 46rem;
        text-wrap: pretty;
      }
      .found + .found {
        margin-top: 0.6rem;
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
    const quality = this.session.quality.result.get();
    if (!quality) return nothing;
    const wanted = readingOf(quality.points[0], this.wanted) ? this.wanted : 'held-out';
    const texts = [quality.points[0].heldout, ...this.texts(quality.points[0])];
    const on = readingOf(quality.points[0], wanted)!;
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
      <div><h3>Every point</h3>${this.pointTable(quality.points, wanted)}</div>
      <div><h3>Bits per byte by kind of text</h3>${this.textTable(quality.points)}</div>
    `;
  }

  /** Everything that was read beside the whole of the held-out text. */
  private texts({ pasted, domains }: QualityPoint) {
    return [...(pasted ? [pasted] : []), ...domains];
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
    return html`<figure><h3>${label}</h3><dot-chart label=${label} xLabel=${across === 'time' ? 'time per token' : 'FLOPs per token'}
      yLabel="bits per byte" xScale="log" lines="26" .series=${series}
      .xFormat=${across === 'time' ? time : short} .yFormat=${bits} data-testid=${`loss-${across}`}></dot-chart></figure>`;
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

  private pointTable(points: readonly QualityPoint[], wanted: Wanted) {
    const most = mostTokens(points);
    return html`<div class="wide" tabindex="0" role="region" aria-label="Every point"><table class="numbers" data-testid="quality-points">
      <thead><tr><th>model</th><th>bits per byte</th><th>nats per token</th><th>time per token, measured</th><th>first half, second half</th>
        <th>FLOPs per token, computed</th><th>weights read per token, computed</th><th>tokens seen</th></tr></thead>
      <tbody>${points.map((point) => {
        const reading = readingOf(point, wanted);
        const { median, spread, firstHalf, secondHalf } = point.time;
        const late = isBehind(point.tokensSeen, most);
        return html`<tr class=${late ? 'late' : ''}><th scope="row">${nameOf(point)}${late ? ', not comparable yet' : ''}</th>
          <td>${reading ? bits(reading.bitsPerByte) : '–'}</td><td>${reading?.nats.toFixed(3) ?? '–'}</td>
          <td>${time(median)} <small>± ${time(spread)}</small></td><td>${time(firstHalf)}, ${time(secondHalf)}</td>
          <td>${short(point.flops)}</td><td>${bytes(point.bytesRead)}</td><td>${million(point.tokensSeen)}</td></tr>`;
      })}</tbody></table></div>`;
  }

  private textTable(points: readonly QualityPoint[]) {
    const most = mostTokens(points);
    const rows = [points[0].heldout, ...this.texts(points[0])];
    return html`<div class="wide" tabindex="0" role="region" aria-label="Bits per byte by kind of text"><table class="numbers" data-testid="quality-texts">
      <thead><tr><th>text</th>${points.map((point) => html`<th>${nameOf(point)}</th>`)}<th>tokens</th></tr></thead>
      <tbody>${rows.map(({ domain, title, tokens }) => {
        const losses = points.map((point) => readingOf(point, domain)?.bitsPerByte ?? Number.NaN);
        const least = Math.min(...losses.filter((_, i) => !isBehind(points[i].tokensSeen, most)));
        return html`<tr data-domain=${domain}><th scope="row">${title}</th>${losses.map(
          (loss, i) =>
            html`<td class=${loss === least ? 'best' : isBehind(points[i].tokensSeen, most) ? 'late' : ''}>${bits(loss)}</td>`,
        )}<td>${tokens}</td></tr>`;
      })}</tbody></table></div>
      <p class="note">The least loss of the models that can be compared is bold.</p>`;
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
    return reading ? [{ point, y: reading.bitsPerByte, ...placeOf(point, across) }] : [];
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
    points: routed.map(({ point: { k }, ...place }) => ({ ...place, label: `k = ${k}` })),
  };
  return routed.length ? [moe, ...dense] : dense;
}

const placeOf = ({ time, flops }: QualityPoint, across: Across): { x: number; xSpread?: number } =>
  across === 'time' ? { x: time.median, xSpread: time.spread } : { x: flops };

declare global {
  interface HTMLElementTagNameMap {
    'quality-results': QualityResults;
  }
}
