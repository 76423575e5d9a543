/** The prompt, the presets as one sentence, and how the next token is drawn. */

import { css, html, noChange, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Hideable } from '../../state/address/types.ts';
import type { SamplingText } from '../../state/session/inputs.ts';
import { untracked } from '../../state/session/signals.ts';
import { canTryInTheMiddle, type Experiment, experiments, tryInTheMiddle } from '../../state/share/experiments.ts';
import { PRESETS, type Preset } from '../../state/text/presets.ts';
import { parts, say, type Word } from '../kit/more-words.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const FIELDS: readonly [keyof SamplingText, Word, string][] = [
  ['temperature', 'temperature', '3rem'],
  ['topK', 'top-k', '2.9rem'],
  ['topP', 'top-p', '3.1rem'],
  ['seed', 'seed', '4rem'],
  ['length', 'tokens', '3.2rem'],
];

const ON_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

@customElement('prompt-form')
export class PromptForm extends SessionElement {
  /** The proof is on this page. */
  @property({ type: Boolean }) proves = false;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(20rem, 10fr) minmax(0, 14fr);
        gap: 0.35rem 3.5rem;
        align-items: start;
      }
      .own,
      .offers {
        display: grid;
        gap: 0.5rem;
      }
      .send {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.3rem 0.8rem;
      }
      .send .keys {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      textarea {
        display: block;
        width: 100%;
        height: 3.9rem;
        resize: vertical;
        font: 400 1.0625rem / 1.4 var(--text-face);
        padding: 0.4rem 0.6rem;
      }
      .presets {
        font: 400 1.0625rem / 1.5 var(--text-face);
        color: var(--ink-2);
      }
      .presets.unfilled {
        height: 3em;
      }
      .presets a,
      .presets button {
        font: inherit;
        color: var(--ink);
      }
      /* Half a sentence: it breaks as one. */
      .presets .sentence {
        display: inline;
        white-space: normal;
        text-align: start;
      }
      .presets button[aria-pressed='true'] {
        font-weight: 600;
        text-decoration-color: var(--ink);
      }
      .kinds {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1rem;
      }
      summary {
        cursor: pointer;
        width: fit-content;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .fields {
        display: flex;
        padding-top: 0.4rem;
        flex-wrap: wrap;
        gap: 0.3rem 0.75rem;
      }
      label {
        display: flex;
        align-items: center;
        gap: 0.35rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      .fields input {
        padding: 0.15rem 0.35rem;
        min-height: 1.75rem;
        color: var(--ink);
        font-size: var(--size-2);
      }
      .problem {
        color: var(--fault);
        font-weight: 550;
        font-size: var(--size-1);
        min-height: 1.45em;
      }
      @media (max-width: 60rem) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 46rem) {
        .fields {
          display: grid;
          grid-template-columns: repeat(3, minmax(0, 1fr));
          gap: 0.5rem;
        }
        .fields label {
          flex-direction: column;
          align-items: stretch;
          gap: 0.1rem;
        }
        .fields input {
          width: 100% !important;
          min-height: var(--touch);
          font-size: 1rem;
        }
        .presets {
          line-height: 2.1;
        }
        .presets.unfilled {
          height: 12.6em;
        }
      }
    `,
  ];

  override render() {
    const { session } = this;
    const talk = session.talk.get();
    if (talk) void import('../chat/chat-box.ts');
    const chats = talk?.mode.get() === 'chat';
    const problem = session.problem.get();
    const sampling = session.sampling.get();
    const prompt = session.prompt.get();
    const link = (preset: Preset) =>
      html`<button class="link" aria-pressed=${preset.prompt === prompt} @click=${() => this.choose(preset)} data-preset=${preset.domain}>${say(`preset-${preset.domain}` as Word)}</button>`;
    const shown = (name: Hideable, part: TemplateResult) => (session.isHidden(name) ? nothing : part);
    return html`
      <div class="own">
      ${talk ? shown('prompt', html`<chat-box .session=${session}></chat-box>`) : nothing}
      ${
        chats
          ? nothing
          : shown(
              'prompt',
              html`<div>
          <label class="hidden" for="prompt">${say('prompt')}</label>
          <textarea id="prompt" lang="" dir="auto" translate="no" spellcheck="false" aria-invalid=${problem?.field === 'prompt'} aria-describedby="problem"
            .value=${prompt} @input=${this.onPrompt} @keydown=${this.onKey} data-testid="prompt"></textarea>
        </div>
        <div class="send">
          <button class="main" @click=${this.send} data-testid="send">${say('write-this')}</button>
          <span class="keys">${ON_MAC ? '⌘' : 'Ctrl'} + Enter</span>
        </div>`,
            )
      }
      <p class="problem" id="problem" role="alert" data-testid="problem">${problem ? problem.message : nothing}</p>
      </div>
      <div class="offers">
      ${shown(
        'presets',
        html`${chats ? nothing : html`<p class="presets kinds"><span>${say('or-let-it')}</span> ${PRESETS.map(link)}</p>`}
        ${this.experiments()}`,
      )}
      ${shown(
        'sampling',
        html`<details class="sampling" ?open=${problem !== null && problem.field !== 'prompt' ? true : noChange} data-testid="sampling">
          <summary>${say('sampling-now', { ...sampling, tokens: sampling.length })}</summary>
          <div class="fields">
        ${FIELDS.map(
          ([
            field,
            words,
            width,
          ]) => html`<label>${say(words)}<input inputmode="decimal" autocomplete="off" .style=${`width:${width}`}
            .value=${sampling[field]} aria-invalid=${problem?.field === field} aria-describedby="problem" data-testid=${field}
            @input=${(event: Event) => this.onField(field, event)} @keydown=${this.onFieldKey} /></label>`,
        )}
      </div></details>`,
      )}
      </div>
    `;
  }

  /** Links that set the whole page. What they say follows the text and the layer; drawn anew when somebody comes near. */
  private experiments() {
    const { session } = this;
    const { experts } = session.shape.get();
    session.layer.get();
    session.interventions.get();
    session.phase.get();
    if (experts === 1) return nothing;
    if (!experts) return html`<p class="presets unfilled"></p>`;
    const fresh = () => this.requestUpdate();
    const links = untracked(() =>
      experiments(session).map(
        (
          each,
        ) => html`<a href=${session.pageLink.reference({ ...each.changes, write: true })} data-experiment=${each.id}
          @click=${(event: MouseEvent) => this.tryOut(event, each)}>${say(`try-${each.id}`, each.values)}</a>`,
      ),
    );
    return html`<p class="presets" @pointerenter=${fresh} @focusin=${fresh}>${parts<unknown>('then-try', Object.fromEntries(['first', 'second', 'third', 'fourth'].map((which, i) => [which, links[i]])))}${this.proof()}</p>`;
  }

  private proof() {
    if (!this.proves) return nothing;
    return html` Does it matter which? <button class="link sentence" @click=${this.onProve} data-testid="prove-first">See what French loses
      without the experts it uses most.</button>`;
  }

  private onProve = (): void => void this.dispatchEvent(new Event('prove'));

  private tryOut(event: MouseEvent, experiment: Experiment): void {
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
    const { session } = this;
    if (elsewhere || !canTryInTheMiddle(session, experiment)) return;
    event.preventDefault();
    void tryInTheMiddle(session, experiment);
  }

  private choose(preset: Preset): void {
    this.session.touched();
    this.session.prompt.choose(preset.prompt);
    void this.session.writing.write();
  }

  private send = (): void => {
    this.session.touched();
    void this.session.writing.write();
  };

  private onPrompt = (event: Event): void => {
    this.session.touched();
    this.session.prompt.choose((event.target as HTMLTextAreaElement).value);
  };

  private onField(field: keyof SamplingText, event: Event): void {
    this.session.touched();
    this.session.sampling.choose({ ...this.session.sampling.get(), [field]: (event.target as HTMLInputElement).value });
  }

  /** Ctrl or ⌘ + Enter writes, as in every editor of messages. */
  private onKey = (event: KeyboardEvent): void => {
    this.session.touched();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void this.session.writing.write();
  };

  private onFieldKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') void this.session.writing.write();
  };
}
