/** Layers of published models: choose one, see what it would take, try what fits here, time it. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { blockCost } from '../../compare/costModel.ts';
import { blockShapeOf, factsOf } from '../../compare/parameters.ts';
import { CHECKS } from '../../compare/publishedChecks.ts';
import { PUBLISHED } from '../../compare/publishedTable.ts';
import { slicesOf } from '../../compare/slices.ts';
import { bytesPerWeight } from '../../compare/twins.ts';
import { isSame, type TimedLayer } from '../../state/models/published.ts';
import { runOfLayer } from '../../state/saves/history.ts';
import type { Precision, PublishedFacts, PublishedModel, Slice } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { bytes, million, short, time } from '../kit/format.ts';
import './layer-timing.ts';
import './layer-trial.ts';
import { layerReport } from '../saves/layer-report.ts';
import { expertWords, layerWords, PRECISIONS, routingWords, sliceWords, stated } from './published-words.ts';
import '../saves/result-card.ts';
import '../saves/run-history.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const MAKERS = [...new Set(PUBLISHED.map(({ by }) => by))];
const find = (id: string): PublishedModel => PUBLISHED.find((model) => model.id === id) ?? PUBLISHED[0];

@customElement('published-layers')
export class PublishedLayers extends SessionElement {
  static override styles = [
    controls,
    article,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.2rem;
      }
      .pick {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1.6rem;
      }
      .pick select {
        font-weight: 600;
      }
      .precisions {
        display: flex;
        gap: 0.2rem 1rem;
      }
      .precisions button[aria-checked='true'] {
        font-weight: 600;
        text-decoration-color: var(--ink);
        text-decoration-thickness: 2px;
      }
      .facts {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1.2rem 4rem;
        align-items: start;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0.25rem 1.2rem;
        margin: 0;
      }
      dt {
        color: var(--ink-2);
      }
      dd {
        margin: 0;
      }
      .memory {
        width: 100%;
      }
      caption {
        text-align: left;
        font-weight: 600;
      }
      .memory td:last-child,
      .memory th:last-child {
        padding-right: 0;
      }
      .chosen > * {
        font-weight: 600;
      }
      @media (max-width: 60rem) {
        .facts {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  /** What the link said when it was last looked at. */
  private followed: string | null = null;

  override render() {
    const { published, measuring } = this.session;
    const model = find(published.id.get());
    const precision = published.precision.get();
    const facts = factsOf(model);
    const running = measuring.busy.get();
    const shown = this.shown();
    return html`
      <div class="pick">
        <label class="hidden" for="model">Model</label>
        <select id="model" data-testid="published-model" ?disabled=${running}
          @change=${(event: Event) => published.choose((event.target as HTMLSelectElement).value, precision)}>
          ${MAKERS.map(
            (by) =>
              html`<optgroup label=${by}>${PUBLISHED.filter((each) => each.by === by).map(
                (each) => html`<option value=${each.id} ?selected=${each.id === model.id}>${each.name}</option>`,
              )}</optgroup>`,
          )}</select>
        <div class="precisions" role="radiogroup" aria-label="Storage format of the weights">${Object.entries(
          PRECISIONS,
        ).map(
          ([id, words]) => html`<button class="link" role="radio" aria-checked=${id === precision} ?disabled=${running}
            @click=${() => published.choose(model.id, id as Precision)}>${words}</button>`,
        )}</div>
      </div>
      <div class="facts">${this.model(facts)} ${this.memory(facts, precision)}</div>
      <layer-trial .session=${this.session} .model=${model} .asked=${this.asked(model)} ?again=${shown !== null}></layer-trial>
      ${shown ? html`<layer-timing .timing=${shown} .model=${find(shown.id)}></layer-timing>` : nothing}
      ${this.others(shown)}
      ${shown ? html`<result-card .session=${this.session} .report=${layerReport(shown, find(shown.id))}></result-card>` : nothing}
      <run-history what="layer" .now=${shown && runOfLayer(shown)}></run-history>
    `;
  }

  protected override updated(): void {
    const { measuring, repeat } = this.session;
    const wish = repeat.get();
    if (wish === this.followed || measuring.busy.get()) return;
    this.followed = wish;
    const [id, precision, part] = wish?.split(':') ?? [];
    if (precision) queueMicrotask(() => this.follow(id, precision as Precision, part));
  }

  /** A link offers to time a layer again; what there is not is said. */
  private follow(id: string, precision: Precision, part: string | undefined): void {
    const { session } = this;
    const model = PUBLISHED.find((each) => each.id === id);
    if (model) session.published.choose(id, precision);
    if (model && this.asked(model)) return;
    session.repeat.choose(null);
    const what = model ? `${part} of ${model.name}` : `“${id}”`;
    const message = `The link asks for a layer that cannot be timed here: ${what}.`;
    session.tell({ code: 'link', message, hint: 'Choose another one.' }, 'news', ['dismiss']);
  }

  /** The part of the chosen layer that a link offers to time again. */
  private asked(model: PublishedModel): Slice | null {
    const { published, repeat } = this.session;
    const [id, precision, part] = repeat.get()?.split(':') ?? [];
    if (id !== published.id.get() || precision !== published.precision.get()) return null;
    const [experts, expertHidden] = part?.split('x').map(Number) ?? [model.experts, model.expertHidden];
    return slicesOf(model).find((each) => each.experts === experts && each.expertHidden === expertHidden) ?? null;
  }

  /** What was timed with the present choice. */
  private shown(): TimedLayer | null {
    const { published } = this.session;
    const [id, precision, slice] = [published.id.get(), published.precision.get(), published.slice.get()];
    return published.timings.get().find((each) => isSame(each, { ...each, id, precision, slice })) ?? null;
  }

  private model({ model, parameters, flopsPerToken }: PublishedFacts) {
    const { total, active } = parameters;
    const { report, card } = model.source;
    const rows: [string, unknown][] = [
      ['layers', layerWords(model)],
      ['experts', expertWords(model)],
      [
        'one expert',
        html`SwiGLU${model.activation === 'clamped' ? ', clamped' : ''}, ${model.width} → ${model.expertHidden} → ${model.width}`,
      ],
      ['router', routingWords(model)],
      ['weights', `${million(total)}, computed; stated: ${stated(model.stated.total)}`],
      ['active per token', `${million(active)}, computed; stated: ${stated(model.stated.active)}`],
      ['FLOPs per token', `${short(flopsPerToken)}, computed, without attention’s products`],
      [
        'source',
        html`<p>${report ? html`<a href=${report.url}>${report.title}</a>; ` : nothing}<a href=${card}>weights and their config.json</a></p>`,
      ],
      ['checked', this.checks(model.id)],
    ];
    return html`<dl data-testid="published-facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  }

  /** Beside what the figures were read again, and what was not. */
  private checks(id: string) {
    const { checks, unchecked } = CHECKS[id];
    return html`<p data-testid="published-checks">${checks.map(
      ({ figures, against, url }, i) => html`${i ? '; ' : ''}${figures}: <a href=${url}>${against}</a>`,
    )}. Not the report itself${unchecked ? html`, nor <strong>${unchecked}</strong>` : nothing}.</p>`;
  }

  private memory({ bytes: sizes, model }: PublishedFacts, precision: Precision) {
    const layer = (id: Precision) => blockCost('moe', blockShapeOf(model), 1, bytesPerWeight(id)).bytesHeld;
    return html`<div><table class="memory" data-testid="published-memory">
      <caption>What a GPU would have to hold, computed</caption>
      <thead><tr><th>weights at</th><th>one MoE layer</th><th>${model.name}, whole</th></tr></thead>
      <tbody>${(Object.entries(sizes) as [Precision, number][]).map(
        ([id, size]) => html`<tr class=${id === precision ? 'chosen' : ''}><th scope="row">${PRECISIONS[id]}</th>
          <td>${bytes(layer(id))}</td><td>${bytes(size)}</td></tr>`,
      )}</tbody></table>
      <p class="note">All experts, whichever a token takes. The cache of the text so far comes on top.</p></div>`;
  }

  private others(shown: TimedLayer | null) {
    const timings = this.session.published.timings.get();
    if (timings.length < (shown ? 2 : 1)) return nothing;
    return html`<div><h3>Timed on this visit</h3>
      <div class="wide" tabindex="0" role="region" aria-label="Timed on this visit"><table data-testid="published-timed">
      <thead><tr><th>layer</th><th>weights</th><th>MoE, one token</th><th>dense, same active</th><th>dense, same total</th><th>whole model, computed</th></tr></thead>
      <tbody>${timings.map((timing) => {
        const model = find(timing.id);
        const of = (wanted: string) => timing.decode.rows.find(({ kind }) => kind === wanted);
        const cell = (kind: string) => {
          const row = of(kind);
          return html`<td>${row ? time(row.time.median) : 'not run'}</td>`;
        };
        return html`<tr><th scope="row">${model.name}, ${sliceWords(model, timing.slice)}</th><td>${PRECISIONS[timing.precision]}</td>
          ${cell('moe')}${cell('same-active')}${cell('same-total')}
          <td>${timing.wholeModel ? `${time(timing.wholeModel.milliseconds)} per token` : 'a slice'}</td></tr>`;
      })}</tbody></table></div></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'published-layers': PublishedLayers;
  }
}
