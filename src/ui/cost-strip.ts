/** What one token costs in this model's expert block, beside the two dense blocks and the same block with all on. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { BlockComparison, BlockRow, Opened } from '../worker/protocol.ts';
import { adapterWords, bytes, short, time } from './format.ts';
import { KIND_WORDS, KINDS, kindBars } from './kinds.ts';
import { phoneRows } from './phone-rows.ts';
import { controls, SessionElement } from './shared.ts';

interface Row {
  readonly kind: BlockRow['kind'];
  readonly held: number;
  readonly read: number;
  readonly flops: number;
  readonly time: BlockRow['time'] | null;
}

/** Weights and FLOPs per token and layer follow from the shape; bytes and time need the engine. */
function computed(model: Opened['model']): Row[] {
  const { width, experts, expertsPerToken, expertHidden } = model;
  const expert = 3 * width * expertHidden;
  const router = width * experts;
  return KINDS.map((kind) => {
    const routed = kind === 'moe' || kind === 'all-on';
    const computedExperts = kind === 'moe' || kind === 'same-active' ? expertsPerToken : experts;
    const read = computedExperts * expert + (routed ? router : 0);
    const held = kind === 'same-active' ? read : experts * expert + (routed ? router : 0);
    return { kind, held, read, flops: 2 * read, time: null };
  });
}

@customElement('cost-strip')
export class CostStrip extends SessionElement {
  static override styles = [
    controls,
    kindBars,
    css`
      :host {
        display: grid;
        grid-template-columns: 15rem minmax(0, 1fr);
        gap: 0.3rem 2.5rem;
      }
      .intro {
        display: grid;
        align-content: start;
        gap: 0.35rem;
      }
      h2 {
        font: 500 var(--size-4) / 1.15 var(--text-face);
        letter-spacing: -0.01em;
      }
      .intro p {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
      }
      th,
      td {
        padding: 0;
        text-align: left;
        font-weight: 400;
        vertical-align: middle;
        height: 1.6rem;
      }
      thead th {
        height: 1.5rem;
        font-size: var(--size-1);
        color: var(--ink-2);
        vertical-align: bottom;
        padding-bottom: 0.2rem;
      }
      tbody tr {
        border-top: 1px solid var(--rule);
      }
      tbody th {
        font-weight: 550;
        white-space: nowrap;
      }
      tbody tr:not(.moe) th {
        font-weight: 400;
      }
      .name {
        width: 10.5rem;
      }
      .cell {
        display: grid;
        grid-template-columns: 5.6rem minmax(0, 1fr);
        align-items: center;
        gap: 0.5rem;
        padding-right: 1.4rem;
      }
      .timed .cell {
        grid-template-columns: 9.2rem minmax(0, 1fr);
        padding-right: 0;
      }
      .spread {
        color: var(--ink-2);
        font-size: var(--size-1);
      }
      .note {
        grid-column: 2;
        font-size: var(--size-1);
        color: var(--ink-2);
        /* Room for the caption of a measurement, so that nothing moves when it comes. */
        min-height: 2.9em;
      }
      .warning {
        color: var(--ink);
        font-weight: 550;
      }
      .action {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem 0.8rem;
      }
      @media (max-width: 60rem) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
        .note {
          grid-column: 1;
        }
      }
      @media (max-width: 46rem) {
        .cell,
        .timed .cell {
          grid-template-columns: minmax(0, 1fr);
          gap: 0.15rem;
          padding: 0;
        }
      }
    `,
    phoneRows,
  ];

  override render() {
    const { session } = this;
    const opened = session.opened.get();
    const measure = session.measuring.comparison.get();
    const result = measure.state === 'done' ? measure.result : null;
    const rows = result
      ? result.rows.map((row) => this.measured(row))
      : opened && opened.model.experts > 1
        ? computed(opened.model)
        : [];
    return html`
      <div class="intro">
        <h2>What it costs here</h2>
        <p>One token through one layer’s experts, beside dense blocks run by the same kernels.
          ${session.isHidden('tabs') ? nothing : html`<button class="link" @click=${() => this.more()} data-testid="more-tokens">More at once</button>`}</p>
        <div class="action">${this.action(opened)}</div>
      </div>
      <table class="phone" data-testid="cost">
        <thead><tr><th class="name"><span class="hidden">Block</span></th><th>weights held</th><th>weights read per token</th>
          <th>FLOPs per token</th><th>time per token${result ? ', measured' : ''}</th></tr></thead>
        <tbody>${KINDS.map((kind) => this.row(kind, rows, result))}</tbody>
      </table>
      <p class="note">${this.caption(opened, result)}</p>
    `;
  }

  private measured(row: BlockRow): Row {
    return { kind: row.kind, held: row.bytesHeld, read: row.bytesRead, flops: row.flops, time: row.time };
  }

  private row(kind: BlockRow['kind'], rows: readonly Row[], result: BlockComparison | null) {
    const row = rows.find((each) => each.kind === kind);
    const size = (value: number) => (result ? bytes(value) : short(value));
    const most = (of: (row: Row) => number) => Math.max(...rows.map(of));
    const cell = (label: string, value: string, share: number) =>
      html`<td data-label=${label}><div class="cell"><span>${value}</span>${row ? html`<i .style=${`width:${share * 100}%`}></i>` : nothing}</div></td>`;
    return html`<tr class=${kind}>
      <th scope="row" title=${KIND_WORDS[kind].meaning}>${KIND_WORDS[kind].name}</th>
      ${row ? cell('weights held', size(row.held), row.held / most((r) => r.held)) : cell('weights held', '–', 0)}
      ${row ? cell('weights read per token', size(row.read), row.read / most((r) => r.read)) : cell('weights read per token', '–', 0)}
      ${row ? cell('FLOPs per token', short(row.flops), row.flops / most((r) => r.flops)) : cell('FLOPs per token', '–', 0)}
      <td class="timed" data-label="time per token"><div class="cell"><span>${
        row?.time ? html`${time(row.time.median)} <span class="spread">± ${time(row.time.spread)}</span>` : '–'
      }</span>${row?.time ? html`<i .style=${`width:${(row.time.median / most((r) => r.time?.median ?? 0)) * 100}%`}></i>` : nothing}</div></td>
    </tr>`;
  }

  /** The view that goes on where this strip ends: more tokens at once, and the machine's roofline. */
  private more(): void {
    this.session.view.set('saves');
    (this.getRootNode() as ShadowRoot).querySelector('view-panels')?.scrollIntoView({ block: 'nearest' });
  }

  private action(opened: Opened | null) {
    const { measuring } = this.session;
    const measure = measuring.comparison.get();
    if (measure.state === 'running') {
      return html`<progress max=${measure.total || 1} .value=${measure.done} aria-label="Timing the blocks"></progress>
        <button class="link" @click=${() => measuring.cancel()}>Cancel</button>`;
    }
    if (opened?.info.kind === 'cpu') return html`<span class="label">Times are measured on WebGPU only.</span>`;
    return html`<button @click=${() => measuring.compare()} ?disabled=${(opened?.model.experts ?? 0) < 2} data-testid="compare">
      ${measure.state === 'done' ? 'Measure again' : `Measure on ${adapterWords(opened?.info)}`}</button>`;
  }

  private caption(opened: Opened | null, result: BlockComparison | null) {
    const measure = this.session.measuring.comparison.get();
    if (measure.state === 'failed') return html`<span class="warning">${measure.message}</span>`;
    if (result) {
      const { clock, repeats, weights, layers } = result.method;
      const samples = result.rows[0]?.time.samples ?? 0;
      return html`${result.info.fallback ? html`<span class="warning">Software adapter: these times mean nothing about a GPU. </span>` : nothing}
        Measured on ${result.info.name}: ${result.tokens} token per step, median of n = ${samples} ± half the interquartile range,
        each sample ${repeats[0]} to ${repeats[1]} blocks through ${layers} layers of ${weights} weights, ${clock === 'timestamps' ? 'GPU timestamps' : 'wall clock'}.
        Weights and FLOPs are computed.`;
    }
    if (!opened) return 'The figures come from the model on this machine, once it is here.';
    if (opened.model.experts < 2) return 'This model is dense: there is nothing to route. Open the MoE to compare.';
    const later = opened.info.kind === 'cpu' ? '' : ' Bytes and times come with the measurement.';
    return `Computed from the shape of the block, in weights.${later}`;
  }
}
