/** A picture in the article: fetched when it comes near, and, where every token would change it, drawn only while it is near. */
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { cache } from 'lit/directives/cache.js';
import type { Session } from '../../state/session/session.ts';
import type { View } from '../../state/views/view.ts';
import { controls, SessionElement } from '../kit/shared.ts';

export interface Part {
  /** In the list of what a picture can be taken of. */
  readonly words: string;
  /** As a link calls it; null where none leads to it. */
  readonly view: View | null;
  readonly load: () => Promise<unknown>;
  readonly show: (session: Session) => TemplateResult;
  /** About how high it is, in rem, until it is here. */
  readonly room: number;
  /** It costs something at every token: out of sight it is taken off the page, and put back as it was. */
  readonly sleeps?: boolean;
}

/** How far from the window a part still counts as near. */
const NEAR = '60% 0px';

@customElement('moe-part')
export class MoePart extends SessionElement {
  @property({ attribute: false }) what!: Part;
  @state() private near = false;
  @state() private here = false;
  @state() private failed = false;
  private observer: IntersectionObserver | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        min-width: 0;
        content-visibility: auto;
      }
      .waits {
        color: var(--ink-2);
        font-size: var(--size-1);
      }
      router-panel {
        height: 13rem;
      }
      layer-strip {
        height: 15rem;
      }
      @media (max-width: 46rem) {
        router-panel {
          height: auto;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.style.containIntrinsicBlockSize = `auto ${this.what.room}rem`;
    this.style.minHeight = `${this.what.room}rem`;
    this.observer = new IntersectionObserver(this.onMove, { rootMargin: NEAR });
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
  }

  get isDrawn(): boolean {
    return this.here && this.near;
  }

  /** Nothing changes the page’s height but what comes: a part that goes keeps its room. */
  private onMove = (entries: readonly IntersectionObserverEntry[]): void => {
    const near = entries[entries.length - 1].isIntersecting;
    if (near === this.near || (!near && (!this.what.sleeps || this.matches(':focus-within')))) return;
    if (!near && this.here) this.style.minHeight = `${this.offsetHeight}px`;
    this.near = near;
    if (near && !this.here) this.fetch();
  };

  private fetch(): void {
    this.failed = false;
    this.what.load().then(
      () => {
        this.here = true;
      },
      () => {
        this.failed = true;
      },
    );
  }

  override render() {
    return html`${cache(this.here && this.near ? this.what.show(this.session) : nothing)}${this.here ? nothing : this.waiting()}`;
  }

  protected override updated(): void {
    if (this.here && this.near) this.style.minHeight = '';
  }

  private waiting() {
    if (!this.near) return nothing;
    if (!this.failed) return html`<p class="waits" role="status">One moment.</p>`;
    return html`<p class="waits" role="alert">This part could not be loaded.
      <button class="link" @click=${this.fetch}>Try again</button></p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'moe-part': MoePart;
  }
}
