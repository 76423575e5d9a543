/** How this page, as it stands, gets onto another one: as a frame or as an element, to copy, with a look at it. */
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { beside } from '../../state/models/catalog.ts';
import { VARIANTS, type Variant } from '../../state/page/variant.ts';
import { controls } from '../kit/shared.ts';

type Kind = 'frame' | 'element';

const WORDS: Record<Variant, string> = {
  full: 'all of it',
  tokens: 'the text',
  grid: 'the wall of experts',
  router: 'text and router',
  compare: 'text and costs',
  race: 'the training of two painters',
};
/** For feeds and readers, where no element runs. */
const PICTURE = 'og/story.jpg';
/** Until the frame has told its own. */
const FIRST_HEIGHT = 640;

const quoted = (text: string) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');

@customElement('embed-snippet')
export class EmbedSnippet extends LitElement {
  /** The fragment that is embedded, with its `#`. */
  @property() link = '';
  @state() private kind: Kind = 'frame';
  @state() private variant: Variant = 'full';
  @state() private looking = false;
  @state() private height = FIRST_HEIGHT;

  static override styles = [
    controls,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem;
      }
      select {
        min-height: 2.125rem;
      }
      textarea {
        display: block;
        width: 100%;
        height: 6.2rem;
        margin-top: 0.5rem;
        font: 400 var(--size-1) / 1.4 ui-monospace, monospace;
        resize: vertical;
      }
      iframe {
        display: block;
        width: 100%;
        margin-top: 0.6rem;
        border: 1px solid var(--rule-2);
      }
      @media (pointer: coarse) {
        select {
          min-height: var(--touch);
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('message', this.onMessage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('message', this.onMessage);
  }

  override render() {
    return html`<div class="row">
        <select aria-label="Embed as" @change=${this.onKind} data-testid="embed-as">
          <option value="frame">As a frame</option><option value="element">As an element</option>
        </select>
        <select aria-label="Shows" @change=${this.onVariant} data-testid="embed-variant">
          ${VARIANTS.map((variant) => html`<option value=${variant}>${WORDS[variant]}</option>`)}
        </select>
        <button class="main" @click=${this.copy} data-testid="copy-embed">Copy HTML</button>
        <button aria-pressed=${this.looking} @click=${this.onLook} data-testid="embed-look">${this.looking ? 'Close the preview' : 'Preview'}</button>
      </div>
      <textarea readonly translate="no" spellcheck="false" aria-label="HTML" .value=${this.snippet()} data-testid="embed-html"></textarea>
      ${
        this.looking
          ? html`<iframe src=${this.source()} title="Preview" .height=${String(this.height)} data-testid="embed-preview"></iframe>`
          : nothing
      }`;
  }

  private source(): string {
    return `${beside('embed.html')}${this.variant === 'full' ? '' : `?variant=${this.variant}`}${this.link}`;
  }

  private snippet(): string {
    if (this.kind === 'element') {
      const link = this.link ? ` link="${quoted(this.link)}"` : '';
      return `<script type="module" src="${beside('moe-scope.js')}"></script>
<moe-scope variant="${this.variant}"${link}>
  <p><a href="${quoted(beside('') + this.link)}"><img src="${beside(PICTURE)}" alt="A text, and the wall of the experts that wrote it" width="600" style="max-width: 100%; height: auto">
    A language model made of experts writes here, in a browser: see it at work</a></p>
</moe-scope>`;
    }
    return `<iframe class="moescope" src="${quoted(this.source())}" title="moescope: a mixture of experts writes"
  width="100%" height="${FIRST_HEIGHT}" style="border: 0" loading="lazy" allow="fullscreen; clipboard-write"></iframe>
<script>
addEventListener('message', ({ source, data }) => {
  if (data?.type !== 'moe:height') return;
  for (const frame of document.querySelectorAll('.moescope')) if (frame.contentWindow === source) frame.height = data.height;
});
</script>`;
  }

  /** Only the preview's own frame may say how high it is. */
  private onMessage = ({ source, data }: MessageEvent): void => {
    const frame = this.renderRoot.querySelector('iframe');
    if (frame && source === frame.contentWindow && data?.type === 'moe:height') this.height = data.height;
  };

  private onKind = (event: Event): void => {
    this.kind = (event.target as HTMLSelectElement).value as Kind;
  };

  private onVariant = (event: Event): void => {
    this.variant = (event.target as HTMLSelectElement).value as Variant;
  };

  private onLook = (): void => {
    this.looking = !this.looking;
  };

  private copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.snippet());
      this.said('The HTML is copied.');
    } catch {
      this.renderRoot.querySelector('textarea')?.select();
      this.said('The browser does not let this page copy: the HTML is selected, copy it by hand.');
    }
  };

  private said(words: string): void {
    this.dispatchEvent(new CustomEvent('said', { detail: words }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'embed-snippet': EmbedSnippet;
  }
}
