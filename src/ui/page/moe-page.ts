/** The page: first screen as a spread, the article below it. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Hideable } from '../../state/address/types.ts';
import type { Target } from '../../state/page/tour.ts';
import { importing } from '../../state/session/later.ts';
import { turn } from '../../state/session/turn.ts';
import '../wall/expert-wall.ts';
import { isFree, isTypedIn } from '../kit/keys.ts';
import '../text/moe-text.ts';
import './page-header.ts';
import { pageStyles } from './page-styles.ts';
import './run-badge.ts';
import { controls, SessionElement } from '../kit/shared.ts';
import { say } from '../kit/words.ts';
import '../prompt/transport-bar.ts';
import '../wall/wall-words.ts';

/** Of the first screen: header, text, buttons, the experts. */
const PARTS = 4;

@customElement('moe-page')
export class MoePage extends SessionElement {
  /** How many are set up. */
  @state() private parts = 1;
  @state() private dropping = false;
  @state() private article = false;
  @state() private tour = false;
  @state() private chooser = false;
  /** The Share sheet's code is here. */
  @state() private sheet = false;
  @state() private sharing = false;
  @state() private stage = false;

  static override styles = [controls, pageStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('dragover', this.onDrag);
    addEventListener('dragleave', this.onDragEnd);
    addEventListener('drop', this.onDrop);
    addEventListener('paste', this.onPaste);
    addEventListener('keydown', this.onKey);
    addEventListener('pointerdown', this.onTouch);
    addEventListener('wheel', this.onTouch, { passive: true });
    // The article is fetched when the first screen has been painted and the browser has nothing better to do.
    const later = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 300));
    later(() => void this.fetchArticle());
  }

  private async fetchArticle(): Promise<void> {
    await import('../article/moe-article.ts');
    this.article = true;
  }

  /** Part by part, so that the browser can paint and answer in between; then what comes below, whose room is kept. */
  protected override async firstUpdated(): Promise<void> {
    while (this.parts < PARTS) {
      await turn();
      this.parts++;
    }
    await turn();
    void import('./below-text.ts');
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('dragover', this.onDrag);
    removeEventListener('dragleave', this.onDragEnd);
    removeEventListener('drop', this.onDrop);
    removeEventListener('paste', this.onPaste);
    removeEventListener('keydown', this.onKey);
    removeEventListener('pointerdown', this.onTouch);
    removeEventListener('wheel', this.onTouch);
  }

  override render() {
    const { session } = this;
    const shown = (name: Hideable, part: TemplateResult) => (session.isHidden(name) ? nothing : part);
    const from = (parts: number, part: TemplateResult | typeof nothing) => (this.parts < parts ? nothing : part);
    const badge = html`<run-badge .session=${session}></run-badge>`;
    const below = session.place.narrow.get() && !session.isHidden('status');
    return html`
      <button class="skip" @click=${this.onSkip}>Skip to the text</button>
      <main><div class="screen">
        <page-header .session=${session} @share=${this.onShare} @elsewhere=${() => session.elsewhere.choose('')}>${below ? nothing : badge}</page-header>
        <page-lede .session=${session}></page-lede>
        ${shown('status', html`<status-line .session=${session}>${below ? badge : nothing}</status-line>`)}
        <section class="write" aria-label=${say('text-here')}>
          ${from(2, html`<moe-text .session=${session}></moe-text>`)}
          ${from(3, shown('transport', html`<transport-bar .session=${session}></transport-bar>`))}
          ${this.touring() ? html`<tour-card .session=${session} .find=${this.find}></tour-card>` : nothing}
        </section>
        <section class="see" aria-label=${say('the-experts')}>
          ${from(4, this.seen())}
        </section>
        ${from(4, shown('cost', html`<cost-strip .session=${session}></cost-strip>`))}
        ${from(4, html`<prompt-form .session=${session} ?proves=${!session.isHidden('article')} @prove=${this.onProve}></prompt-form>`)}
      </div>
      ${
        // What somebody asks for in so many words comes all the same.
        session.isHidden('article') && session.view.get() === 'wall'
          ? nothing
          : html`<div class="below">${this.article ? html`<moe-article .session=${session}></moe-article>` : nothing}</div>`
      }</main>
      ${this.staging() ? html`<moe-stage .session=${session} .find=${this.find}></moe-stage>` : nothing}
      <live-region .session=${session}></live-region>
      ${this.sheet ? html`<share-sheet .session=${session} .views=${this.views} .open=${this.sharing} @leave=${this.onLeaveShare}></share-sheet>` : nothing}
      ${this.choosing() ? html`<open-model .session=${session} address=${session.elsewhere.get() ?? ''} @leave=${() => session.elsewhere.choose(null)}></open-model>` : nothing}
      ${this.dropping ? html`<div class="drop">Drop a GGUF model or a trace to open it</div>` : nothing}
    `;
  }

  private seen() {
    const { session } = this;
    return html`<wall-words .session=${session}></wall-words>
      <expert-wall .session=${session}><wall-legend .session=${session}></wall-legend></expert-wall>
      <intervention-list .session=${session}></intervention-list>`;
  }

  /** On a tour, once its words are here. */
  private touring(): boolean {
    if (this.session.step.get() === null) return false;
    if (!this.tour) void import('./tour-card.ts').then(() => (this.tour = true));
    return this.tour;
  }

  /** In a talk or a booth, once it is here. */
  private staging(): boolean {
    const { scenes, kiosk } = this.session.stage.get();
    if (!scenes && !kiosk) return false;
    if (!this.stage) void import('../stage/moe-stage.ts').then(() => (this.stage = true));
    return this.stage;
  }

  /** Of a model that is not in the list, once the code for it is here. */
  private choosing(): boolean {
    if (this.session.elsewhere.get() === null) return false;
    if (!this.chooser) void import('../models/open-model.ts').then(() => (this.chooser = true));
    return this.chooser;
  }

  private find = (target: Target): HTMLElement | null => {
    if (target !== 'panel') return this.renderRoot.querySelector(target);
    return this.renderRoot.querySelector('moe-article')?.partOf(this.session.view.get()) ?? null;
  };

  /** Past header and status, to the first token; its own tab stop is one token. */
  private onSkip = (): void => {
    const text = this.renderRoot.querySelector('moe-text')?.shadowRoot;
    (text?.querySelector<HTMLElement>('.t[tabindex="0"]') ?? text?.querySelector<HTMLElement>('button'))?.focus();
  };

  /** One press from here to the proof: there it begins by itself. */
  private onProve = async (): Promise<void> => {
    const { session } = this;
    session.touched();
    session.show('proof');
    void this.fetchArticle();
    const { prove } = await import('../../state/interventions/proving.ts');
    const experts = session.opened.get()?.model.experts ?? 0;
    if (experts > 1) void prove(session, 'french');
  };

  private onTouch = (): void => this.session.touched();

  private onDrag = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  };

  private onDragEnd = (event: DragEvent): void => {
    if (!event.relatedTarget) this.dropping = false;
  };

  private onDrop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    this.dropping = false;
    if (!files.length) return;
    event.preventDefault();
    this.sharing = false;
    void importing().then(({ openAny }) => openAny(this.session, files));
  };

  /** A trace that is pasted anywhere but into a field. */
  private onPaste = (event: ClipboardEvent): void => {
    const target = event.composedPath()[0] as HTMLElement;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const file = event.clipboardData?.files[0];
    if (isTypedIn(target) || (!file && !text.trimStart().startsWith('{'))) return;
    event.preventDefault();
    this.sharing = false;
    void importing().then(({ importTrace, openAny }) =>
      file ? openAny(this.session, [file]) : importTrace(this.session, text, 'pasted'),
    );
  };

  private onShare = async (): Promise<void> => {
    this.sharing = true;
    await import('../share/share-sheet.ts');
    this.sheet = true;
  };

  private onLeaveShare = (): void => {
    this.sharing = false;
  };

  /** What a picture can be taken of: the wall, the text, and what of the article is drawn. */
  private views = () => {
    const part = (tag: string) => this.renderRoot.querySelector<HTMLElement>(tag);
    const parts = this.renderRoot.querySelector('moe-article')?.drawn() ?? [];
    const wall = [part('wall-words'), part('expert-wall')].filter((node) => node !== null);
    const text = part('moe-text');
    return [
      { name: 'Wall', nodes: wall },
      ...(text ? [{ name: 'Text', nodes: [text] }] : []),
      ...parts.map((each) => ({ name: each.what.words, nodes: [each] })),
    ].filter(({ nodes }) => nodes.some((node) => node.getBoundingClientRect().width > 0));
  };

  /** Space pauses and goes on, wherever the focus is not on something that wants it. */
  private onKey = (event: KeyboardEvent): void => {
    this.session.touched();
    const target = event.composedPath()[0] as HTMLElement;
    if (event.key !== ' ' || !isFree(event) || target.closest?.('button, input, a, summary, [tabindex]')) return;
    event.preventDefault();
    void this.session.writing.toggle();
  };
}
