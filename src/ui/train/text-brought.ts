/** Which text is learned: what the shipped MoE wrote, or the visitor's own, which stays in the tab. */
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { MOST_TEXT, type TextRace } from '../../state/training/text.ts';
import { isSavedName, MOST_KINDS, type NamedText } from '../../train/saved.ts';
import { controls } from '../kit/shared.ts';
import { SignalWatcher } from '../kit/signal-watcher.ts';

@customElement('text-brought')
export class TextBrought extends SignalWatcher {
  @property({ attribute: false }) race!: TextRace;
  @state() private writing = false;
  @state() private dropping = false;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 0.6rem;
      }
      p {
        max-width: 44rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 0.6rem 1.2rem;
      }
      .dropping {
        outline: 2px dashed var(--now);
        outline-offset: 6px;
      }
      label {
        display: grid;
        gap: 0.2rem;
        font-size: var(--size-1);
        color: var(--ink-2);
      }
      textarea {
        width: 100%;
        min-height: 7rem;
        padding: 0.5rem;
        border: 1px solid var(--rule-2);
        background: transparent;
        color: var(--ink);
      }
    `,
  ];

  override render() {
    const own = this.race.texts.get();
    return html`<p data-testid="train-text-source">${
      own.length
        ? html`They learn your text: ${own.map(({ name }) => name).join(', ')}. It stays in this tab.`
        : html`They learn what this page’s own MoE wrote, six kinds of text from fixed seeds: it looks like stories, novels in three languages, code and sums, and means nothing. A text of your own is better, and stays in this tab.`
    }</p>
    <div class=${this.dropping ? 'dropping' : ''} @dragover=${this.onDrag} @dragleave=${() => (this.dropping = false)} @drop=${this.onDrop}>
      <label>text files, a kind each, or weights that were saved<input type="file" multiple accept="text/*,.txt,.md,.csv,.json,.ts,.js,.py,.safetensors" aria-label="Text files of your own, a kind each, or saved weights" data-testid="train-text-files"
        @change=${this.onFiles}></label>
      <button aria-expanded=${this.writing} @click=${() => (this.writing = !this.writing)} data-testid="train-text-paste">Paste a text</button>
      ${own.length ? html`<button class="link" @click=${() => this.race.take([])}>The written text again</button>` : nothing}
    </div>
    ${
      this.writing
        ? html`<label>your text, at least 650 characters; lines like “=== letters ===” begin another kind
          <textarea data-testid="train-text-area"></textarea></label>
          <div><button @click=${this.onLearn} data-testid="train-text-learn">Learn this</button></div>`
        : nothing
    }`;
  }

  private onLearn = (): void => {
    const text = this.renderRoot.querySelector('textarea')!.value;
    this.writing = !this.race.take([{ name: 'your text', text }]);
  };

  private onFiles = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same one a second time is a change, too.
    input.value = '';
    void this.take(files);
  };

  private onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.stopPropagation();
    this.dropping = true;
  };

  private onDrop = (event: DragEvent): void => {
    this.dropping = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    void this.take(files);
  };

  private async take(files: readonly File[]): Promise<void> {
    if (!files.length) return;
    const weights = files.find(({ name }) => isSavedName(name));
    if (weights) return this.race.open(weights);
    if (files.reduce((sum, { size }) => sum + size, 0) > MOST_TEXT)
      return this.race.refuse('That is more text than is learned here.', 'Bring at most 20\u00a0MB.');
    try {
      const read = files.slice(0, MOST_KINDS).map(async (file): Promise<NamedText> => {
        const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
        return { name: file.name.replace(/\.[^.]*$/, ''), text };
      });
      this.race.take(await Promise.all(read));
    } catch {
      this.race.refuse('One of these files is no text.', 'UTF-8 is read here.');
    }
  }
}
