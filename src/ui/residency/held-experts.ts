/** The model on the page with only some of a layer's experts on the GPU, as measured while it writes; and what guesses add. */
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { GuessCount } from '../../compare/expertCache.ts';
import { type Guessing, measureGuesses } from '../../state/models/guessing.ts';
import { MeasuredOf } from '../../state/saves/measured-of.ts';
import type { Residency } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { foundStyles } from '../article/found-styles.ts';
import { bytes, percent } from '../kit/format.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { placed, placesWords } from './places.ts';

@customElement('held-experts')
export class HeldExperts extends SessionElement {
  /** Of the text on the page, by the experts of the last token, and of the last two. */
  @property({ attribute: false }) guesses: readonly GuessCount[] = [];
  private readonly guessing = new MeasuredOf<Guessing>();

  static override styles = [
    controls,
    article,
    foundStyles,
    css`
      :host {
        gap: 0.6rem;
        justify-items: start;
      }
      .wide {
        max-width: 100%;
      }
    `,
  ];

  override render() {
    const { session } = this;
    const opened = session.opened.get();
    // Where the open model's experts are says nothing about another's text.
    if (!opened || session.source.get().kind === 'imported') return nothing;
    if (opened.info.kind !== 'webgpu')
      return html`<p class="note">Here the CPU computes, and all experts are in its memory. With WebGPU this model can be run with fewer on the GPU.</p>`;
    const now = session.residency.get();
    if (!now)
      return html`<p class="note">All experts are on the GPU now. Move the slider: the text goes on with fewer, the same bit for bit.</p>`;
    return html`${this.said(now)}
      <div class="acts">
        <button @click=${() => session.writing.write()} data-testid="hold">Write this text again</button>
        ${session.held.get() ? html`<button @click=${() => session.held.choose(null)} data-testid="hold-all">Hold all again</button>` : nothing}
      </div>
      ${this.guessed(now)}`;
  }

  private measure = () => {
    this.guessing.turnTo(this.session.opened.get()?.model);
    return measureGuesses(this.session, this.guessing);
  };

  private said(now: Residency) {
    const { tokens, bytesMoved, warning } = now;
    const moved = tokens ? ` ${bytes(bytesMoved / tokens)} were fetched for a token.` : '';
    return html`<p class="said" data-testid="held-said">${placesWords(this.session, now)}${moved}</p>
      <p class="note">Measured over ${tokens} tokens since this budget was set. The same seed writes the same text, bit for bit, however few are
        there; what a miss costs is time.${warning ? ` ${warning}` : ''}</p>`;
  }

  private guessed(now: Residency) {
    const { session } = this;
    const { experts, expertsPerToken } = session.shape.get();
    if (now.entries >= experts || placed(now, experts).away > 0) return nothing;
    const measured = this.guessing.known(session.opened.get()?.model);
    const running = measured.state === 'running';
    const done = measured.state === 'done';
    return html`<div class="acts">
        <button ?disabled=${running || session.measuring.busy.get()} @click=${this.measure} data-testid="guess">
          Measure what guessing ahead is worth</button>
        ${
          running
            ? html`<progress max=${measured.total} .value=${measured.done} aria-label="Writing the text three times"></progress>
              <button class="link" @click=${() => session.measuring.cancel()}>Cancel</button>`
            : nothing
        }
      </div>
      ${measured.state === 'failed' ? html`<p class="note" role="alert">${measured.message}</p>` : nothing}
      <div class="wide"><table data-testid="guesses">
        <thead><tr><th scope="col">Who is fetched before being asked for</th><th scope="col">guesses right</th><th scope="col">there when asked for</th>${done ? html`<th scope="col">bytes a token</th>` : nothing}</tr></thead>
        <tbody>
          ${
            measured.state === 'done'
              ? html`${row('nobody', null, measured.result.plain)}${row('by the next layer’s router, a layer ahead', measured.result.ahead, measured.result.ahead)}`
              : nothing
          }
          ${this.guesses.map(
            ({ guessed, right, asked }, i) =>
              html`<tr><th scope="row">experts of the last ${i ? 'two tokens' : 'token'}</th><td>${percent(guessed && right / guessed)}</td><td>${percent(asked && right / asked)}</td>${done ? html`<td>–</td>` : nothing}</tr>`,
          )}
          <tr><th scope="row">any, by chance</th><td>${percent(expertsPerToken / experts)}</td><td>–</td>${done ? html`<td>–</td>` : nothing}</tr>
        </tbody></table></div>
      <p class="note">${
        measured.state === 'done'
          ? html`Measured with ${measured.result.plain.entries} of ${experts} experts a layer over ${measured.result.plain.tokens} tokens each, from the experts that the same
            text had left. `
          : nothing
      }The next layer’s router is asked where a token already waits for an expert. The rows of the last tokens are counted in the text on the page, each alone, without a cache.</p>`;
  }
}

/** `guessed`: null where nothing is. */
function row(words: string, guessed: Residency | null, { hits, misses, bytesMoved, tokens }: Residency) {
  const right = guessed?.guessed ? percent(guessed.guessedRight / guessed.guessed) : '–';
  return html`<tr><th scope="row">${words}</th><td>${right}</td><td>${percent(hits / Math.max(1, hits + misses))}</td><td>${bytes(Math.round(bytesMoved / Math.max(1, tokens)))}</td></tr>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'held-experts': HeldExperts;
  }
}
