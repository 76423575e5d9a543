/** Two texts from the same seed, side by side and in step: what differs is framed, and a wall shows where the load went. */
import { html, nothing, svg } from 'lit';
import { customElement } from 'lit/decorators.js';
import { writeTwoOf } from '../../state/interventions/two-runs.ts';
import type { CellChange, TwoRuns as Result, Run } from '../../state/interventions/types.ts';
import { BUSY } from '../kit/busy.ts';
import { percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { discloses } from '../page/disclosure.ts';
import { tint, tokenSpan } from '../text/token-span.ts';
import { tokenStyles } from '../text/token-styles.ts';
import { rowsOf } from './runs-in-step.ts';
import { twoRunsStyles } from './two-runs-styles.ts';

/** Units of the drawing for one cell; half of the height is for more, half for less. */
const CELL = { width: 10, height: 12 };

/** Of a row: as many as a column is wide. */
const MOST_CHARACTERS = 52;

@customElement('two-runs')
export class TwoRuns extends SessionElement {
  private spans: { of: Run; nodes: HTMLElement[] }[] = [];

  static override styles = [controls, tokenStyles, twoRunsStyles];

  override render() {
    const { session } = this;
    const { measuring } = session;
    const runs = measuring.twoRuns.get();
    const other = session.other.get();
    const live = session.source.get().kind === 'live' && session.opened.get() !== null;
    const busy = measuring.busy.get();
    const idle = other === null && !session.interventions.get().length;
    const dense = session.shape.get().experts === 1;
    this.startIfAsked(live && !idle && !dense);
    return html`<h2 class="hidden">Two runs</h2>
      <div class="ask">
        <div class="kinds" role="radiogroup" aria-label="What is compared" @keydown=${this.onKey}>
          ${this.kind('without and with the interventions', other === null, () => session.other.choose(null))}
          ${this.kind('two prompts', other !== null, () => session.other.choose(other ?? ''))}
        </div>
        ${
          runs.state === 'running'
            ? html`<progress max=${runs.total} .value=${runs.done} aria-label="Writing both"></progress>
              <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`
            : html`<button class="main" ?disabled=${!live || idle || dense || busy} @click=${() => writeTwoOf(session)} data-testid="write-both">Write both</button>`
        }
      </div>
      ${
        other === null
          ? nothing
          : html`<label class="hidden" for="other">Second prompt</label>
            <input id="other" class="other" .value=${other} placeholder="The second prompt" @input=${this.onOther} data-testid="other" />`
      }
      ${this.why(live, idle, dense)}
      ${busy && runs.state !== 'running' ? html`<p class="note">${BUSY}</p>` : nothing}
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
      : `${samePart(result.sameAtFirst)} Of ${written[1]} in the second text, ${result.common} stand in both in the same order; the others are framed.`;
    return html`
      <p class="sum" data-testid="runs-said">${said}</p>
      ${this.texts(result)}
      ${this.wall(result)}
      <p class="note">Both from seed ${result.seed}, at most ${result.maxTokens} tokens, written on ${result.device}. Tints and numbers: top expert in layer ${this.session.layer.get()}.</p>
    `;
  }

  /** The prompts in a row of their own, then row by row what was written: token i of both in the same. */
  private texts({ runs, sameAtFirst }: Result) {
    const columns = runs.map((run, i) => this.tinted(run, i, sameAtFirst));
    const [a, b] = runs.map(({ trace }) => trace.texts.slice(trace.promptCount));
    const starts = runs.map(({ trace }) => trace.promptCount);
    const written = Math.max(a.length, b.length);
    const row = (place: string | number, from: readonly number[], to: readonly number[], parts = false) =>
      html`<div class=${parts ? 'row parts' : 'row'}><span class="place">${place}${parts ? html`<br>they part` : nothing}</span>
        ${columns.map((nodes, i) => {
          const here = nodes.length < starts[i] + written && from[i] <= nodes.length && nodes.length < to[i];
          return html`<div class="line" data-run=${i}>${nodes.slice(from[i], to[i])}${here ? html`<span class="ended">The text ended here.</span>` : nothing}</div>`;
        })}</div>`;
    return html`<div class="both" data-testid="runs-texts"><span class="place">token</span>${runs.map(({ name }) => html`<h3>${name}</h3>`)}
      ${row('prompt', [0, 0], starts)}
      ${rowsOf(a, b, MOST_CHARACTERS).map(({ from, to }) => {
        const parts = from <= sameAtFirst && sameAtFirst < to;
        const [first, last] = [from, to].map((at) => starts.map((start) => start + at));
        return row(from + 1, first, last, parts);
      })}</div>`;
  }

  private tinted(run: Run, column: number, sameAtFirst: number): readonly HTMLElement[] {
    const { trace } = run;
    const layer = this.session.layer.get();
    const pins = this.session.pinnedExperts.get();
    let kept = this.spans[column];
    if (kept?.of !== run) {
      const nodes = trace.texts.map((_, at) => {
        const span = tokenSpan(trace, at);
        const written = at - trace.promptCount;
        if (!run.inBoth[at]) span.classList.add('differs');
        if (written === sameAtFirst) span.classList.add('first');
        span.style.setProperty('--at', String(Math.max(0, written)));
        return span;
      });
      kept = { of: run, nodes };
      this.spans[column] = kept;
    }
    for (const [at, span] of kept.nodes.entries()) tint(span, trace, at, layer, pins, this.session.hues);
    return kept.nodes;
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
    this.session.other.choose((event.target as HTMLInputElement).value);
  };

  private onKey = (event: KeyboardEvent): void => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const { other } = this.session;
    other.choose(other.get() === null ? '' : null);
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=radio][aria-checked=true]')?.focus(),
    );
  };
}

function samePart(tokens: number): string {
  if (!tokens) return 'The texts part at the first written token.';
  return tokens === 1 ? 'The first written token is the same.' : `The first ${tokens} written tokens are the same.`;
}

function size({ first, second }: CellChange): number {
  return Math.abs(second - first);
}
