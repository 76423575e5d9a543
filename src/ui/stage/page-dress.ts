/** What a stage makes of the page around it: larger type, and room for the caption. */
import { css, type LitElement, type ReactiveController } from 'lit';

/** Type that is read from the last row: text 1/31 of the screen's height, most figures 1/55. */
const whole = css`
  :root {
    --size-1: 0.95rem;
    --size-2: 1rem;
    --size-3: 1.2rem;
    font-size: clamp(100%, min(1.2vw, 1.9vh), 300%);
  }
  /* A panel that is looked at scrolls clear of the caption. */
  html {
    scroll-padding-bottom: var(--caption, 14rem);
  }
`;

const page = css`
  .screen {
    min-height: 0;
    height: max(100dvh - var(--caption, 14rem), 40rem);
    max-height: none;
    max-width: none;
  }
  .screen:has(cost-strip) {
    height: 54rem;
  }
  /* Whether the text is live is never in the dark. */
  page-header {
    position: relative;
    z-index: 5;
    background: var(--paper);
  }
  main {
    padding-bottom: var(--caption, 14rem);
  }
  @media (max-width: 60rem) {
    .screen,
    .screen:has(cost-strip) {
      height: auto;
    }
  }
`;

export class PageDress implements ReactiveController {
  private root: ShadowRoot | null = null;

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostConnected(): void {
    const root = this.host.getRootNode();
    this.root = root instanceof ShadowRoot ? root : null;
    this.root?.adoptedStyleSheets.push(page.styleSheet!);
    document.adoptedStyleSheets.push(whole.styleSheet!);
  }

  hostDisconnected(): void {
    const without = (from: DocumentOrShadowRoot, sheet: CSSStyleSheet) => {
      from.adoptedStyleSheets = from.adoptedStyleSheets.filter((each) => each !== sheet);
    };
    if (this.root) without(this.root, page.styleSheet!);
    without(document, whole.styleSheet!);
    document.documentElement.style.removeProperty('--caption');
  }
}
