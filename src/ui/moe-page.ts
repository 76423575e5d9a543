/** The page: first screen as a spread, the article below it. */
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import './cost-strip.ts';
import './expert-wall.ts';
import './intervention-list.ts';
import './live-region.ts';
import './moe-text.ts';
import './page-header.ts';
import './prompt-form.ts';
import { controls, SessionElement } from './shared.ts';
import './status-line.ts';
import './transport-bar.ts';
import './view-panels.ts';
import './wall-legend.ts';
import './wall-words.ts';

@customElement('moe-page')
export class MoePage extends SessionElement {
  @state() private dropping = false;
  @state() private article = false;

  static override styles = [
    controls,
    css`
      .screen {
        display: grid;
        grid-template-columns: minmax(22rem, 10fr) minmax(0, 14fr);
        grid-template-rows: auto auto minmax(0, 1fr) auto;
        grid-template-areas: 'head head' 'status status' 'write see' 'cost cost';
        min-height: 47rem;
        height: 100dvh;
        max-height: 72rem;
        max-width: 120rem;
        margin: 0 auto;
        padding: 0 2rem;
      }
      page-header {
        grid-area: head;
        padding: 0.7rem 0 0.55rem;
        border-bottom: 1px solid var(--ink);
      }
      status-line {
        grid-area: status;
        padding: 0.1rem 0;
      }
      .write {
        grid-area: write;
        display: flex;
        flex-direction: column;
        gap: 0.6rem;
        min-height: 0;
        padding: 0.4rem 1.75rem 0.3rem 0;
        border-right: 1px solid var(--rule);
      }
      moe-text {
        flex: 1;
      }
      .see {
        grid-area: see;
        display: flex;
        flex-direction: column;
        min-height: 0;
        min-width: 0;
        padding: 0.35rem 0 0.3rem 1.75rem;
      }
      wall-words {
        padding-bottom: 0.5rem;
      }
      view-panels {
        flex: 1;
      }
      expert-wall {
        flex: 1 1 12rem;
      }
      cost-strip {
        grid-area: cost;
        padding: 0.7rem 0 0.5rem;
        border-top: 1px solid var(--ink);
      }
      .drop {
        position: fixed;
        inset: 1rem;
        z-index: 5;
        display: grid;
        place-items: center;
        border: 2px dashed var(--ink);
        background: color-mix(in oklch, var(--paper) 88%, transparent);
        font: 500 var(--size-5) / 1.2 var(--text-face);
        pointer-events: none;
      }
      moe-article {
        border-top: 1px solid var(--ink);
      }
      .below {
        min-height: 60vh;
      }
      @media (min-width: 105rem) {
        .screen {
          padding: 0 3.5rem;
        }
      }
      @media (max-width: 60rem) {
        .screen {
          height: auto;
          max-height: none;
          grid-template-columns: minmax(0, 1fr);
          grid-template-rows: none;
          grid-template-areas: 'head' 'status' 'write' 'see' 'cost';
          padding: 0 1.25rem;
        }
        .write {
          border-right: 0;
          padding-right: 0;
        }
        moe-text {
          flex: none;
          height: 17rem;
        }
        .see {
          padding-left: 0;
          margin-top: 1rem;
          padding-top: 1rem;
          border-top: 1px solid var(--rule);
        }
        expert-wall {
          flex: none;
          height: 22rem;
        }
      }
      @media (max-width: 46rem) {
        /* One column: the text, then at once the wall it lights; the prompt after both. */
        .screen {
          display: flex;
          flex-direction: column;
          padding: 0 1rem;
        }
        .write,
        .see {
          display: contents;
        }
        moe-text {
          height: 13.5rem;
          margin-top: 0.4rem;
        }
        wall-words {
          padding-top: 0.5rem;
          border-top: 1px solid var(--rule);
        }
        expert-wall {
          height: 16.5rem;
        }
        prompt-form {
          order: 1;
          margin: 1.2rem 0;
        }
        cost-strip {
          order: 2;
        }
        /* The buttons stay in reach of the thumb. */
        transport-bar {
          position: fixed;
          inset: auto 0 0 0;
          z-index: 3;
          padding: 0.5rem 1rem calc(0.4rem + env(safe-area-inset-bottom));
          background: var(--paper);
          border-top: 1px solid var(--rule-2);
        }
        .below {
          padding-bottom: 7rem;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('dragover', this.onDrag);
    addEventListener('dragleave', this.onDragEnd);
    addEventListener('drop', this.onDrop);
    addEventListener('keydown', this.onKey);
    addEventListener('pointerdown', this.onTouch);
    addEventListener('wheel', this.onTouch, { passive: true });
    // The article is fetched when the first screen has been painted and the browser has nothing better to do.
    const later = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 300));
    later(() => void import('./moe-article.ts').then(() => (this.article = true)));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('dragover', this.onDrag);
    removeEventListener('dragleave', this.onDragEnd);
    removeEventListener('drop', this.onDrop);
    removeEventListener('keydown', this.onKey);
    removeEventListener('pointerdown', this.onTouch);
    removeEventListener('wheel', this.onTouch);
  }

  override render() {
    const { session } = this;
    return html`
      <main><div class="screen">
        <page-header .session=${session}></page-header>
        <status-line .session=${session}></status-line>
        <section class="write" aria-label="The text">
          <moe-text .session=${session}></moe-text>
          <transport-bar .session=${session}></transport-bar>
          <prompt-form .session=${session}></prompt-form>
        </section>
        <section class="see" aria-label="The experts">
          <wall-words .session=${session}></wall-words>
          <view-panels .session=${session}>
            <expert-wall .session=${session}><wall-legend .session=${session}></wall-legend></expert-wall>
            <intervention-list .session=${session}></intervention-list>
          </view-panels>
        </section>
        <cost-strip .session=${session}></cost-strip>
      </div>
      <div class="below">${this.article ? html`<moe-article .session=${session}></moe-article>` : nothing}</div></main>
      <live-region .session=${session}></live-region>
      ${this.dropping ? html`<div class="drop">Drop the GGUF file to open it</div>` : nothing}
    `;
  }

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
    const file = event.dataTransfer?.files[0];
    this.dropping = false;
    if (!file) return;
    event.preventDefault();
    void this.session.opening.openFile(file);
  };

  /** Space pauses and goes on, wherever the focus is not on something that wants it. */
  private onKey = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0] as HTMLElement;
    if (event.key !== ' ' || event.defaultPrevented) return;
    if (target.closest?.('button, input, textarea, select, a, summary, [tabindex]')) return;
    event.preventDefault();
    void this.session.writing.toggle();
  };
}
