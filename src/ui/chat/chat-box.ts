/** Where a visitor talks with an instruct model, or lets it continue a text instead. */
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Conversation } from '../../state/chat/types.ts';
import { controls, SessionElement } from '../kit/shared.ts';

const ON_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

@customElement('chat-box')
export class ChatBox extends SessionElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 0.5rem;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1rem;
        margin: 0;
        padding: 0;
        border: 0;
        font-size: var(--size-2);
      }
      label {
        display: flex;
        align-items: center;
        gap: 0.35rem;
      }
      textarea {
        display: block;
        width: 100%;
        height: 3.9rem;
        resize: vertical;
        font: 400 1.0625rem / 1.4 var(--text-face);
        padding: 0.4rem 0.6rem;
      }
      .send {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.3rem 0.8rem;
      }
      .keys,
      p {
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      @media (pointer: coarse) {
        label,
        button {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override render() {
    const talk = this.session.talk.get();
    if (!talk) return nothing;
    const mode = talk.mode.get();
    const choice = (each: typeof mode, words: string) =>
      html`<label><input type="radio" name="mode" .checked=${mode === each} @change=${() => this.choose(talk, each)} data-testid=${each}> ${words}</label>`;
    return html`<fieldset><legend class="hidden">What the model does with your words</legend>
        ${choice('chat', 'Chat')}${choice('continue', 'Continue a text')}</fieldset>
      ${mode === 'chat' ? this.box(talk) : nothing}`;
  }

  private box(talk: Conversation) {
    const { session } = this;
    const { questions } = talk;
    const wrong = session.problem.get()?.field === 'prompt';
    return html`<textarea lang="" dir="auto" translate="no" aria-label="Your question" aria-invalid=${wrong} placeholder=${questions ? 'Ask on' : 'Ask something'}
        .value=${talk.draft.get()} @input=${(event: Event) => this.onDraft(talk, event)} @keydown=${(event: KeyboardEvent) => this.onKey(talk, event)}
        data-testid="question"></textarea>
      <div class="send">
        <button class="main" @click=${() => void talk.ask()} data-testid="ask">Ask</button>
        <span class="keys">${ON_MAC ? '⌘' : 'Ctrl'} + Enter</span>
        ${questions ? html`<button class="link" @click=${() => this.anew(talk)} data-testid="anew">New conversation</button>` : nothing}
      </div>
      <p data-testid="conversation">${this.words(questions)}</p>`;
  }

  private words(questions: number): string {
    if (questions === 0)
      return 'The text shows all that the model reads: your question, in the marks of its own template.';
    return `The model reads ${questions === 1 ? 'the question and the answer' : `${questions} questions and their answers`} again before the next one.`;
  }

  private choose(talk: Conversation, mode: 'chat' | 'continue'): void {
    this.session.touched();
    talk.mode.choose(mode);
  }

  private onDraft(talk: Conversation, event: Event): void {
    this.session.touched();
    talk.draft.choose((event.target as HTMLTextAreaElement).value);
  }

  private onKey(talk: Conversation, event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void talk.ask();
  }

  private anew(talk: Conversation): void {
    this.session.touched();
    void talk.anew();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-box': ChatBox;
  }
}
