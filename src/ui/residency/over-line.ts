/** The MoE and its dense twin, each fetched as over a line of so many bytes a second: what is here when the first token is. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { beside } from '../../state/models/catalog.ts';
import { Measured } from '../../state/saves/measure.ts';
import type { LineRun, ModelEntry } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { foundStyles } from '../article/found-styles.ts';
import { adapterWords, bytes, percent, time } from '../kit/format.ts';
import { ROLES } from '../kit/kinds.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const RATES = [0.5, 1, 2, 5, 10];
const PROMPT = 'Once upon a time';

interface Found {
  readonly rate: number;
  readonly runs: readonly LineRun[];
}

@customElement('over-line')
export class OverLine extends SessionElement {
  private readonly found = new Measured<Found>();
  @state() private rate = 2;
  /** Of the one that runs. */
  @state() private soFar: Found | null = null;

  static override styles = [
    controls,
    article,
    foundStyles,
    css`
      .wide {
        overflow-x: auto;
      }
      th small {
        display: block;
        color: var(--ink-2);
      }
      td progress {
        width: 6rem;
        vertical-align: middle;
      }
      td span {
        display: inline-block;
        min-width: 9.6em;
      }
      @media (max-width: 46rem) {
        td progress {
          display: block;
          margin-left: auto;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const models = this.models();
    const opened = session.opened.get();
    if (models.length < 2)
      return html`<p class="note">There is no dense twin of the same total in the list of models here.</p>`;
    if (!opened) return html`<p class="note">The model is on its way.</p>`;
    if (opened.info.kind !== 'webgpu')
      return html`<p class="note">Without WebGPU the processor computes, and needs all of either file before its first token: there is nothing to compare.</p>`;
    const measured = this.found.get();
    const running = measured.state === 'running';
    const shown = running ? this.soFar : measured.state === 'done' ? measured.result : null;
    return html`${measured.state === 'done' ? this.said(measured.result) : nothing}
      <div class="acts">
        <label>As over a line of <select data-testid="line-rate" ?disabled=${running} .value=${String(this.rate)}
          @change=${(event: Event) => (this.rate = Number((event.target as HTMLSelectElement).value))}>
          ${RATES.map((rate) => html`<option value=${rate} ?selected=${rate === this.rate}>${rate}</option>`)}</select> MB/s</label>
        <button ?disabled=${running || session.measuring.busy.get()} @click=${this.fetch} data-testid="line">Fetch both</button>
        ${running ? html`<button class="link" @click=${() => session.measuring.cancel()}>Cancel</button>` : nothing}
      </div>
      ${measured.state === 'failed' ? html`<p class="note" role="alert">${measured.message}</p>` : nothing}
      ${running && !shown ? html`<p class="note" role="status">Both files come first, as fast as they can, and kernels are compiled.</p>` : nothing}
      ${shown ? this.table(shown, models) : nothing}
      <p class="note">Both files (${bytes(models.reduce((sum, model) => sum + model.bytes, 0))}) are in memory before the clock starts; then each model is opened from its own
        as over this line, the one after the other, and writes after “${PROMPT}”. What the line stands for is a rate alone: a real server adds the wait before each
        answer. Times hold ${adapterWords(opened.info)}’s work, too; bytes do not.</p>`;
  }

  private models(): ModelEntry[] {
    const all = this.session.catalog.get()?.models ?? [];
    return (['moe', 'dense-total'] as const).flatMap((role) => all.find((model) => model.role === role) ?? []);
  }

  private fetch = () => {
    const { client, measuring, held, shape } = this.session;
    const { rate } = this;
    const { experts } = shape.get();
    this.soFar = null;
    const request = {
      models: this.models().map(({ id, file, bytes, sha256 }) => ({
        id,
        bytes,
        sha256,
        url: beside(`models/${file}`),
      })),
      ...{ bytesPerSecond: rate * 1e6, prompt: PROMPT, entries: held.get() ?? Math.ceil(experts / 2) },
    };
    return measuring.measure(this.found, 'fetching both', async () => {
      const runs = await client.overLine(request, (so) => {
        this.soFar = { rate, runs: so };
      });
      return { rate, runs };
    });
  };

  private said({ rate, runs: [moe, dense] }: Found) {
    const [first, after] = [moe, dense].map(({ written }) => written[0]);
    return html`<p class="said" data-testid="line-said">As over a line of ${rate}\u00a0MB/s the MoE had its first token after ${time(first.milliseconds)}, with
      ${bytes(first.bytes)} of ${bytes(moe.total)} here; its dense twin of the same total size after ${time(after.milliseconds)}, with ${bytes(after.bytes)} of ${bytes(dense.total)}.</p>`;
  }

  private table({ runs }: Found, models: readonly ModelEntry[]) {
    const most = Math.max(...runs.map(({ written }) => written.at(-1)?.tokens ?? 1));
    const when = (point: LineRun['written'][number] | undefined, total: number) =>
      point ? html`${time(point.milliseconds)}, ${percent(point.bytes / total)} here` : '–';
    return html`<div class="wide" tabindex="0" role="region" aria-label="Both models over the line"><table data-testid="line-table">
      <thead><tr><th scope="col">Model</th><th scope="col">here so far</th><th scope="col">first token</th><th scope="col">${most} tokens</th><th scope="col">GPU holds</th></tr></thead>
      <tbody>${runs.map((run) => {
        const { id, total, written, entries } = run;
        const model = models.find((each) => each.id === id)!;
        return html`<tr><th scope="row">${ROLES[model.role]}${entries === null ? nothing : html`<small>room for ${entries} experts a layer</small>`}</th>
          <td><progress max=${total} .value=${run.bytes} aria-label=${`Of ${model.title}`}></progress> <span>${bytes(run.bytes)} of ${bytes(total)}</span></td>
          <td>${when(written[0], total)}</td>
          <td>${when(
            written.find(({ tokens }) => tokens >= most),
            total,
          )}</td>
          <td>${bytes(run.held)}</td></tr>`;
      })}</tbody></table></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'over-line': OverLine;
  }
}
