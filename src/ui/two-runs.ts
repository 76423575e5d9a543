/** Two texts from the same seed, side by side: what differs is framed, and a wall shows where the load went. */
import { css, html, nothing, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type CellChange, type TwoRuns as Result, type Run, writeTwoOf } from '../state/two-runs.ts';
import { discloses } from './disclosure.ts';
import { percent } from './format.ts';
import { controls, SessionElement } from './shared.ts';
import { tint, tokenSpan } from './token-span.ts';
import { tokenStyles } from './token-styles.ts';

/** Units of the drawing for one cell; half of the height is for more, half for less. */
const CELL = { width: 10, height: 12 };

@customElement('two-runs')
export class TwoRuns extends SessionElement {
  private spans: { of: Run; nodes: HTMLElement[] }[] = [];

  static override styles = [
    controls,
    tokenStyles,
    css`
      .ask {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem 1.1rem;
        font-size: var(--size-2);
      }
      .kinds {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1rem;
      }
      .kinds button {
        color: var(--ink-2);
        text-decoration: none;
      }
      .kinds button[aria-checked='true'] {
        color: var(--ink);
        font-weight: 600;
        text-decoration: underline;
        text-decoration-color: var(--ink);
        text-decoration-thickness: 2px;
      }
      .other {
        display: block;
        width: 100%;
        margin-top: 0.45rem;
        font: 400 1.0625rem / 1.4 var(--text-face);
      }
      .note {
        margin-top: 0.45rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .sum {
        margin: 0.6rem 0 0.5rem;
        font: 500 1.0625rem / 1.4 var(--text-face);
      }
      .both {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1rem 1.75rem;
      }
      h3 {
        font: 600 var(--size-2) / 1.3 var(--figure-face);
        margin-bottom: 0.2rem;
      }
      .text {
        font: 400 1.0625rem / 2 var(--text-face);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .text .t {
        cursor: auto;
      }
      .t.differs {
        outline: 1.5px solid var(--ink);
        outline-offset: -1px;
      }
      figure {
        margin-top: 0.9rem;
      }
      svg.wall {
        display: block;
        width: 100%;
        max-height: 11rem;
      }
      .axis {
        stroke: var(--rule);
        stroke-width: 0.4;
      }
      .more {
        fill: var(--ink);
        stroke: var(--ink);
        stroke-width: 0.5;
      }
      .less {
        fill: var(--paper);
        stroke: var(--ink);
        stroke-width: 0.5;
      }
      .number {
        fill: var(--ink-2);
        font: 400 4.6px var(--figure-face);
      }
      @media (max-width: 46rem) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const { measuring } = session;
    const runs = measuring.twoRuns.get();
    const other = session.other.get();
    const live = session.source.get().kind === 'live';
    const idle = other === null && !session.interventions.get().length;
    const dense = session.shape.get().experts === 1;
    this.startIfAsked(live && !idle && !dense);
    return html`<h2 class="hidden">Two runs</h2>
      <div class="ask">
        <div class="kinds" role="radiogroup" aria-label="What is compared" @keydown=${this.onKey}>
          ${this.kind('without and with the interventions', other === null, () => session.other.set(null))}
          ${this.kind('two prompts', other !== null, () => session.other.set(other ?? ''))}
        </div>
        ${
          runs.state === 'running'
            ? html`<progress max=${runs.total} .value=${runs.done} aria-label="Writing both"></progress>
              <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`
            : html`<button class="main" ?disabled=${!live || idle || dense} @click=${() => writeTwoOf(session)} data-testid="write-both">Write both</button>`
        }
      </div>
      ${
        other === null
          ? nothing
          : html`<label class="hidden" for="other">Second prompt</label>
            <input id="other" class="other" .value=${other} placeholder="The second prompt" @input=${this.onOther} data-testid="other" />`
      }
      ${this.why(live, idle, dense)}
      ${runs.state === 'failed' ? html`<p class="note" role="alert">${runs.message}</p>` : nothing}
      ${runs.state === 'done' ? this.result(runs.result) : nothing}
    `;
  }

  private kind(words: string, chosen: boolean, choose: () => void) {
    return html`<button class="link" role="radio" aria-checked=${chosen} tabindex=${chosen ? 0 : -1} @click=${choose}>${words}</button>`;
  }

  private why(live: boolean, idle: boolean, dense: boolean) {
    if (!live) return html`<p class="note">Two runs need the model itself: they can be written once it is live.</p>`;
    if (dense) return html`<p class="note">A dense model has no router, so nothing can be done to it.</p>`;
    if (!idle) return nothing;
    return html`<p class="note">Nothing is done to the routers yet, so both texts would be the same: switch an expert off on the wall, or
      compare two prompts.</p>`;
  }

  private result(result: Result) {
    const [a, b] = result.runs;
    const written = [a, b].map(({ trace }) => trace.generated());
    const all = result.sameAtFirst === written[0] && written[0] === written[1];
    const said = all
      ? `All ${written[0]} written tokens are the same.`
      : `The first ${result.sameAtFirst} written tokens are the same. Of ${written[1]} in the second text, ${result.common} stand in both, in this order; the others are framed.`;
    return html`
      <p class="sum" data-testid="runs-said">${said}</p>
      <div class="both">${result.runs.map((run, i) => this.text(run, i))}</div>
      ${this.wall(result)}
      <p class="note">Both from seed ${result.seed}, at most ${result.maxTokens} tokens, written on ${this.session.opened.get()?.info.name ?? 'this machine'}. Tints and numbers: top expert in layer ${this.session.layer.get()}.</p>
    `;
  }

  private text(run: Run, column: number) {
    const layer = this.session.layer.get();
    const pins = this.session.pinnedExperts.get();
    let kept = this.spans[column];
    if (kept?.of !== run) {
      const nodes = run.trace.texts.map((_, at) => {
        const span = tokenSpan(run.trace, at);
        if (!run.inBoth[at]) span.classList.add('differs');
        return span;
      });
      kept = { of: run, nodes };
      this.spans[column] = kept;
    }
    for (const [at, span] of kept.nodes.entries()) tint(span, run.trace, at, layer, pins, this.session.hues);
    return html`<section><h3>${run.name}</h3><div class="text" data-testid=${`run-${column}`}>${kept.nodes}</div></section>`;
  }

  /** Bars up: the expert took more in the second run; down and hollow: less. */
  private wall({ runs, changes }: Result) {
    const { layers, experts } = runs[0].trace.shape;
    const largest = changes.reduce((best, each) => (size(each) > size(best) ? each : best));
    const scale = Math.max(0.05, size(largest));
    const width = experts * CELL.width + 12;
    const height = layers * CELL.height;
    const told = `Largest change: expert ${largest.expert} in layer ${largest.layer}, from ${percent(largest.first, 1)} to ${percent(largest.second, 1)} of the layer’s slots. Chance is ${percent(1 / experts, 1)}.`;
    return html`<figure>
      <h3>Load, second minus first</h3>
      <svg class="wall" viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="xMinYMin" role="img" aria-label=${told}>
        ${Array.from({ length: layers }, (_, layer) => {
          const y = (layer + 0.5) * CELL.height;
          return svg`<text class="number" x="0" y=${y + 1.6}>${layer}</text>
            <line class="axis" x1="10" x2=${width} y1=${y} y2=${y}></line>`;
        })}
        ${changes.map((each) => this.bar(each, scale))}
      </svg>
      <p class="note" data-testid="runs-change">${told} Filled and up: more in the second run; hollow and down: less. Full height: ${percent(scale, 1)} of the slots.</p>
      <details ${discloses(this.session, 'runs')}><summary class="note">The same as a table</summary>
        <table data-testid="runs-table"><thead><tr><th scope="col">layer</th><th scope="col">expert</th><th scope="col">${runs[0].name}</th><th scope="col">${runs[1].name}</th></tr></thead>
        <tbody>${changes.map(({ layer, expert, first, second }) => html`<tr><th scope="row">${layer}</th><td>${expert}</td><td>${percent(first, 1)}</td><td>${percent(second, 1)}</td></tr>`)}</tbody></table></details>
    </figure>`;
  }

  private bar(each: CellChange, scale: number) {
    const change = each.second - each.first;
    const tall = (Math.abs(change) / scale) * (CELL.height / 2 - 0.8);
    if (tall < 0.2) return nothing;
    const y = (each.layer + 0.5) * CELL.height;
    return svg`<rect class=${change > 0 ? 'more' : 'less'} x=${12 + each.expert * CELL.width} width=${CELL.width - 3}
      y=${change > 0 ? y - tall : y} height=${tall}><title>${`Expert ${each.expert} in layer ${each.layer}: ${percent(each.first, 1)}, then ${percent(each.second, 1)}`}</title></rect>`;
  }

  /** A link that asks for two runs gets them as soon as the first token of the text is there. */
  private startIfAsked(possible: boolean): void {
    const { session } = this;
    if (!session.runsAsked || !possible) return;
    session.trace.version.get();
    if (!session.trace.generated()) return;
    session.runsAsked = false;
    queueMicrotask(() => void writeTwoOf(session));
  }

  private onOther = (event: Event): void => {
    this.session.touched();
    this.session.other.set((event.target as HTMLInputElement).value);
  };

  private onKey = (event: KeyboardEvent): void => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const { other } = this.session;
    other.set(other.get() === null ? '' : null);
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=radio][aria-checked=true]')?.focus(),
    );
  };
}

function size({ first, second }: CellChange): number {
  return Math.abs(second - first);
}
