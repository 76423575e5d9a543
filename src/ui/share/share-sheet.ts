/** What can be sent, taken away and brought along: the link, pictures, figures, the trace. */
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { HIDEABLE, type Hideable } from '../../state/address/types.ts';
import { asFault } from '../../state/session/faults.ts';
import type { Session } from '../../state/session/session.ts';
import { caption, loadsCsv, traceBlob } from '../../state/share/exporting.ts';
import { importTrace, openAny } from '../../state/share/importing.ts';
import { recordingBlob } from '../../state/share/recording.ts';
import './embed-snippet.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { pictureOf, toPng } from './picture.ts';
import { saveAs } from './save-as.ts';
import { shareStyles } from './share-styles.ts';

/** How a part of the page is named where it can be taken off. */
const WORDS: Record<Hideable, string> = {
  model: 'model list',
  theme: 'theme',
  share: 'share',
  status: 'status line',
  transport: 'write and pause',
  presets: 'presets',
  prompt: 'prompt',
  sampling: 'sampling',
  tabs: 'tabs',
  cost: 'costs',
  tour: 'tour',
  article: 'article',
};

@customElement('share-sheet')
export class ShareSheet extends SessionElement {
  /** What a picture can show, each with the elements it is made of. */
  @property({ attribute: false }) views!: () => readonly {
    readonly name: string;
    readonly nodes: readonly HTMLElement[];
  }[];
  /** Whether it lies over the page. Only the page sets it; `leave` asks for that. */
  @property({ type: Boolean }) open = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('input[type=file]') private chooser!: HTMLInputElement;
  @query('textarea') private pasted!: HTMLTextAreaElement;
  @state() private hide: readonly Hideable[] = [];
  private until: number | null = null;
  @state() private view = 0;
  @state() private said = '';

  static override styles = [controls, shareStyles];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open) return;
    this.said = '';
    this.hide = this.session.hidden.get();
    this.until = this.session.pageLink.standsAt();
    this.view = 0;
  }

  protected override updated(changed: PropertyValues<this>): void {
    // At Escape the browser closes it and tells so later: what is drawn in between must not open it again.
    if (!changed.has('open') || this.open === this.dialog.open) return;
    if (this.open) this.dialog.showModal();
    else this.dialog.close();
  }

  private leave = (): void => void this.dispatchEvent(new Event('leave'));

  override render() {
    const views = this.open ? this.views() : [];
    return html`<dialog aria-labelledby="title" data-testid="sheet" @click=${this.onBackdrop} @close=${this.onClose}>
      <header><h2 id="title">Share</h2><button class="link" @click=${this.leave}>Close</button></header>
      <h3>A link to this page as it stands</h3>
      <div class="row">
        <input type="text" readonly aria-label="Link" .value=${this.link()} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} data-testid="link" />
        <button class="main" @click=${this.copy} data-testid="copy-link">Copy link</button>
      </div>
      <p>It carries model, prompt, seed, layer, view and interventions, and the text is written anew from its seed, with the
        interventions from the first token on. Nothing of it reaches a server: it stands after the #.</p>
      <fieldset><legend>Leave out, for a lesson or an embedding:</legend>
        ${HIDEABLE.map(
          (name) =>
            html`<label><input type="checkbox" .checked=${this.hide.includes(name)} @change=${() => this.toggle(name)} />${WORDS[name]}</label>`,
        )}
      </fieldset>
      <h3>On a page of your own</h3>
      ${this.open ? html`<embed-snippet .link=${new URL(this.link()).hash} @said=${(event: CustomEvent<string>) => (this.said = event.detail)}></embed-snippet>` : nothing}
      <h3>On a stage</h3>
      <div class="row">
        <button @click=${() => this.present('3-minutes')} data-testid="present-3">3 minutes</button>
        <button @click=${() => this.present('12-minutes')} data-testid="present-12">12 minutes</button>
        <a class="button" href="#kiosk=1" data-testid="kiosk">Kiosk for a booth</a>
      </div>
      <p>Scenes with large type, for the arrow keys or a clicker, with notes in a second window. A list of scenes of your own:
        drop its file on the page. A kiosk has no way out but closing the tab.</p>
      <h3>To take away</h3>
      <div class="row">
        <label class="hidden" for="view">Picture of</label>
        <select id="view" @change=${(event: Event) => (this.view = (event.target as HTMLSelectElement).selectedIndex)} data-testid="picture-of">
          ${views.map(({ name }) => html`<option>${name}</option>`)}
        </select>
        <button @click=${() => this.picture('svg')} data-testid="save-svg">SVG</button>
        <button @click=${() => this.picture('png')} data-testid="save-png">PNG</button>
        <button @click=${this.loads} data-testid="save-csv">Loads, CSV</button>
        <button @click=${this.trace} data-testid="save-trace">Trace, JSON</button>
        <button @click=${this.recording} data-testid="save-recording">Recording</button>
      </div>
      <h3>To bring along</h3>
      <div class="row">
        <button @click=${() => this.chooser.click()}>Open a trace or a model…</button>
        <input type="file" accept=".json,.gz,.gguf" hidden @change=${this.onFile} aria-label="Trace or model" data-testid="bring" />
      </div>
      <p>Or drop the file on the page, or paste a trace here:</p>
      <textarea aria-label="Trace as text" spellcheck="false" @input=${this.onPaste} data-testid="paste"></textarea>
      <p class="said" role="status" data-testid="sheet-said">${this.said}</p>
    </dialog>`;
  }

  private link(): string {
    return this.session.pageLink.link({ hide: this.hide, until: this.until });
  }

  private present(scenes: string): void {
    this.leave();
    this.session.present(scenes);
  }

  private toggle(name: Hideable): void {
    this.hide = HIDEABLE.filter((each) => (each === name) !== this.hide.includes(each));
  }

  private copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.link());
      this.said = 'The link is copied.';
    } catch {
      this.renderRoot.querySelector<HTMLInputElement>('[data-testid=link]')?.select();
      this.said = 'The browser does not let this page copy: the link is selected, copy it by hand.';
    }
  };

  private async picture(kind: 'svg' | 'png'): Promise<void> {
    const chosen = this.views()[this.view] ?? this.views()[0];
    try {
      const picture = await pictureOf(chosen.nodes, caption(this.session));
      const blob = kind === 'png' ? await toPng(picture) : new Blob([picture.svg], { type: 'image/svg+xml' });
      this.save(blob, `moescope-${chosen.name.toLowerCase().replace(/\W+/g, '-')}.${kind}`);
    } catch (thrown) {
      this.said = asFault(thrown, 'The picture could not be drawn.').message;
    }
  }

  private loads = (): void => this.save(new Blob([loadsCsv(this.session)], { type: 'text/csv' }), 'moescope-loads.csv');

  private trace = () => this.saveText(traceBlob, 'moescope-trace.json', 'There is no text yet.');

  private recording = () =>
    this.saveText(recordingBlob, 'moescope-recording.json.gz', 'There is no text that the open model has written.');

  private async saveText(of: (session: Session) => Promise<Blob | null>, name: string, none: string): Promise<void> {
    try {
      const file = await of(this.session);
      if (file) this.save(file, name);
      else this.said = none;
    } catch (thrown) {
      this.said = asFault(thrown, 'The text could not be written into a file.').message;
    }
  }

  private save(blob: Blob, name: string): void {
    saveAs(blob, name);
    this.said = `${name} is saved.`;
  }

  private onFile = (): void => {
    const file = this.chooser.files?.[0];
    this.chooser.value = '';
    if (!file) return;
    this.leave();
    void openAny(this.session, [file]);
  };

  private onPaste = (): void => {
    const text = this.pasted.value;
    if (!text.trim()) return;
    this.pasted.value = '';
    this.leave();
    void importTrace(this.session, text, 'pasted');
  };

  private onBackdrop = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.leave();
  };

  /** The browser closed it, at Escape. What is heard of a closing that has been overtaken says nothing. */
  private onClose = (): void => {
    if (this.open && !this.dialog.open) this.leave();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'share-sheet': ShareSheet;
  }
}
