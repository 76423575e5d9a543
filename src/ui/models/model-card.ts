/** The open model's card in short, from models/<id>.card.json; what a card does not say is left out. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Card, LayerRouting, Losses, Sample } from '../../state/models/card.ts';
import { beside } from '../../state/models/catalog.ts';
import type { ModelEntry } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { bits, bytes, million } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { OpenCard } from './open-card.ts';

@customElement('model-card')
export class ModelCard extends SessionElement {
  private readonly open = new OpenCard(this);

  static override styles = [
    controls,
    article,
    css`
      .columns {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
        gap: 2rem 4rem;
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
        font-size: var(--size-1);
        line-height: 1.6rem;
      }
      dd {
        margin: 0;
        line-height: 1.6rem;
        overflow-wrap: anywhere;
      }
      td,
      th {
        font-size: var(--size-2);
      }
      blockquote {
        margin: 0.5rem 0 1rem;
        font: 400 1.0625rem / 1.5 var(--text-face);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        max-width: 38rem;
      }
      a {
        color: inherit;
      }
    `,
  ];

  override render() {
    const entry = this.open.ask(this.session);
    const { card, failed } = this.open;
    if (entry === 'own') return html`<p class="note">A file of your own has no card here.</p>`;
    if (!entry) return html`<p class="note">The card comes with the list of models.</p>`;
    if (failed) return html`<p class="note">The card is not here: ${failed}</p>`;
    return card ? this.show(entry, card) : html`<p class="note">The card is on its way.</p>`;
  }

  private show(entry: ModelEntry, card: Card) {
    const rows: [string, unknown][] = [
      [
        'weights',
        html`<span data-figure="weights">${million(entry.parameters.total)}</span>, <span data-figure="weights active">${million(entry.parameters.active)}</span> active per token`,
      ],
      ['file', `${entry.file}, ${bytes(entry.bytes)}`],
      [
        'trained on',
        html`<span data-figure="tokens">${million(entry.tokensSeen)} tokens</span>${card.steps ? `, ${card.steps} steps` : ''}`,
      ],
      ['quantised', card.quantisation],
      ['licence', card.license],
      ['dead experts', card.deadExperts],
      [
        'bits per byte',
        entry.bitsPerByte &&
          html`<span data-figure=${`loss ${entry.role}`}>${bits(entry.bitsPerByte)}</span>, mean over kinds of held-out text`,
      ],
    ];
    return html`<div class="columns">
      <div>
        <h3>${entry.title}</h3>
        <dl>${rows.map(([name, value]) => (value === undefined ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>
        <p class="note"><a href=${beside(`models/${entry.card}`)}>The whole card</a>, with data sources and their licences.</p>
      </div>
      ${Object.keys(card.after).length ? this.losses(card) : nothing}
      ${card.layers.length ? this.routing(card.layers) : nothing}
      ${card.samples.length ? this.samples(card.samples) : nothing}
    </div>`;
  }

  private losses({ before, after, tokensPerDomain: tokens }: Card) {
    const figure = (loss: Losses[string] | undefined) => loss?.bitsPerByte?.toFixed(3) ?? 'not read';
    return html`<div><h3>Held-out bits per byte</h3>
      <table><thead><tr><th>text</th><th>before quantising</th><th>as shipped</th></tr></thead><tbody>
        ${Object.entries(after).map(
          ([domain, loss]) =>
            html`<tr><th>${domain}</th><td>${figure(before[domain])}</td><td>${figure(loss)}</td></tr>`,
        )}</tbody></table>
      ${tokens ? html`<p class="note">n = ${tokens.toLocaleString('en')} tokens for each kind of text.</p>` : nothing}</div>`;
  }

  private routing(layers: readonly LayerRouting[]) {
    return html`<div><h3>How far the top expert tells the kind of text</h3>
      <table><thead><tr><th>layer</th><th>bits</th><th>chance</th><th>least load</th><th>most load</th></tr></thead><tbody>
        ${layers.map(
          (
            layer,
            i,
          ) => html`<tr><th>${i}</th><td>${layer.mutualInformation.toFixed(2)}</td><td>${layer.chance.toFixed(2)}</td>
            <td>${(layer.minLoad * 100).toFixed(1)}\u00a0%</td><td>${(layer.maxLoad * 100).toFixed(1)}\u00a0%</td></tr>`,
        )}</tbody></table>
      <p class="note">Mutual information between the kind of text and the top expert, of 3 bits at most; chance is the same with shuffled labels.</p></div>`;
  }

  private samples(samples: readonly Sample[]) {
    return html`<div><h3>It writes like this, unedited</h3>
      ${samples
        .slice(0, 2)
        .map(
          ({ domain, text, seed }) =>
            html`<p class="label">${domain}${seed === undefined ? '' : `, seed ${seed}`}</p><blockquote lang="" dir="auto" translate="no">${text}</blockquote>`,
        )}</div>`;
  }
}
