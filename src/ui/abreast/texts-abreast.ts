/** One prompt, several models: their texts side by side, and what each has cost so far. */
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type Abreast, abreastOf, type WritingAbreast } from '../../state/abreast/abreast.ts';
import { mostTokens } from '../../state/saves/quality-points.ts';
import type { AbreastLane, ModelEntry } from '../../worker/protocol.ts';
import { article } from '../article/article-styles.ts';
import { sentenceStyles } from '../article/found-styles.ts';
import { BUSY } from '../kit/busy.ts';
import { bits, bytes, million, short, time } from '../kit/format.ts';
import { kindBars, ROLE_KINDS, ROLES } from '../kit/kinds.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { abreastStyles } from './abreast-styles.ts';
import { behindWords, method, verdicts } from './abreast-words.ts';

@customElement('texts-abreast')
export class TextsAbreast extends SessionElement {
  static override styles = [controls, article, kindBars, sentenceStyles, abreastStyles];

  private get writing(): WritingAbreast {
    return abreastOf(this.session);
  }

  override render() {
    const { writing } = this;
    const models = writing.models.get();
    const measure = writing.measure.get();
    const shown = writing.shown.get();
    const running = measure.state === 'running';
    if (models.length < 2) return html`<p class="note">This page has no second model to write beside the first.</p>`;
    const said = shown && !running ? verdicts(shown.lanes) : [];
    return html`
      <div class="ask">
        <input aria-label="Prompt for all of them" .value=${writing.prompt.get()} ?disabled=${running} spellcheck="false" data-testid="abreast-prompt"
          @input=${(event: Event) => writing.own.choose((event.target as HTMLInputElement).value)}>
        ${
          running
            ? html`<button @click=${() => this.session.measuring.cancel()}>Cancel</button>`
            : html`<button class="main" ?disabled=${!this.possible(models)} @click=${() => writing.write()} data-testid="write-abreast">
              ${shown ? 'Let them write again' : 'Let them write'}</button>`
        }
        <div class="act">${
          measure.state === 'running'
            ? html`<progress max=${measure.total || 1} .value=${measure.done} aria-label=${measure.step}></progress><span role="status">${measure.step}</span>`
            : html`<span class="label">${this.price(models)}</span>`
        }${measure.state === 'failed' ? html`<span class="failed" role="alert">${measure.message}</span>` : nothing}</div>
      </div>
      <div class="lanes ${running ? 'running' : ''}">${models.map((entry) => this.lane(entry, shown))}</div>
      ${
        said.length || shown
          ? html`<div data-testid="abreast-found">${said.map((sentence) => html`<p class="found">${sentence}</p>`)}</div>`
          : nothing
      }
      ${
        shown
          ? html`<p class="note" data-testid="abreast-method">${shown.lanes[0].info.fallback ? html`<span class="warning">Software adapter: these times mean nothing about a GPU.</span> ` : nothing}${
              shown.whole || running ? nothing : html`<span class="warning">Stopped early. </span>`
            }${method(shown)}</p>`
          : nothing
      }
    `;
  }

  private lane({ id, role, parameters, tokensSeen, bitsPerByte }: ModelEntry, shown: Abreast | null) {
    const lanes = shown?.lanes ?? [];
    const lane = lanes.find(({ model }) => model.id === id);
    const most = (of: (lane: AbreastLane) => number) => Math.max(...lanes.map(of), Number.EPSILON);
    const row = (words: string, name: string, value: number, largest: number, figure: unknown) =>
      html`<div><dt>${words}</dt><dd class="cell"><i .style=${`width:${(value / largest) * 100}%`}></i><span data-lane=${name}>${figure}</span></dd></div>`;
    const read = lane?.heldout;
    const { total, active } = parameters;
    const behind = behindWords(tokensSeen, mostTokens(this.writing.models.get()));
    return html`<section class="lane ${ROLE_KINDS[role]}" data-testid=${`abreast-${role}`}>
      <div><h4>${ROLES[role]}</h4>
        <p class="who">${million(total)} weights, ${active < total ? `${million(active)} of them for a token` : 'all for every token'}.
          ${behind ? html`<strong>${behind}</strong>` : `Trained on ${million(tokensSeen)} tokens.`}</p></div>
      <dl>
        ${row('tokens written', 'tokens', lane?.tokens ?? 0, shown?.maxTokens ?? 1, lane?.tokens ?? 0)}
        ${row(
          'time, measured',
          'time',
          lane?.milliseconds ?? 0,
          most(({ milliseconds }) => milliseconds),
          lane ? time(lane.milliseconds) : html`<small>not yet</small>`,
        )}
        ${row(
          'multiply-adds, computed',
          'sums',
          lane?.multiplyAdds ?? 0,
          most(({ multiplyAdds }) => multiplyAdds),
          lane ? short(lane.multiplyAdds) : html`<small>${short(active)} a token</small>`,
        )}
        ${bitsPerByte ? html`<div><dt>bits per byte, by its card</dt><dd data-lane="card">${bits(bitsPerByte)}</dd></div>` : nothing}
        ${read ? html`<div><dt>of n = ${read.tokens} tokens read here</dt><dd data-lane="loss">${bits(read.bitsPerByte)}</dd></div>` : nothing}
      </dl>
      <div class="text" translate="no" dir="auto">${lane ? this.text(lane) : nothing}</div>
    </section>`;
  }

  private text({ texts }: AbreastLane) {
    const asked = html`<span class="asked">${this.writing.shown.get()?.prompt}</span>`;
    return texts.map(
      (text, at) =>
        html`${at ? html`<span class="ended">The text ended here. Again from the prompt:</span>` : nothing}${asked}${text}`,
    );
  }

  private possible(models: readonly ModelEntry[]): boolean {
    const { opened, measuring } = this.session;
    return (
      opened.get() !== null && !measuring.busy.get() && models.length > 1 && this.writing.prompt.get().trim() !== ''
    );
  }

  /** What it takes, said before it is taken. */
  private price(models: readonly ModelEntry[]): string {
    const { opened, measuring } = this.session;
    if (!opened.get()) return 'This needs the live model.';
    if (measuring.busy.get()) return BUSY;
    const sizes = models.map((model) => bytes(model.bytes)).join(', ');
    const fetched = `Fetches the models that this browser does not have yet: ${sizes}`;
    return this.writing.slow.get() ? `${fetched}. Without a GPU it takes a minute or more.` : `${fetched}.`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'texts-abreast': TextsAbreast;
  }
}
