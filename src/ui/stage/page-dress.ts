/** What a stage makes of the page around it: larger type, and room for the caption. */
import { css, type LitElement, type ReactiveController } from 'lit';

/** Type that is read from the last row: text 1/32 of the screen's height, the smallest figures 1/50. */
const whole = css`
  :root {
    --size-1: 0.9rem;
    --size-2: 1rem;
    --size-3: 1.2rem;
    font-size: clamp(100%, min(1.3vw, 2.1vh), 300%);
  }
  /* A panel that is looked at scrolls clear of the caption. */
  html {
    scroll-padding-bottom: var(--caption, 14rem);
  }
`;

const page = css`
  .screen {
    min-height: 0;
    height: calc(100dvh - var(--caption, 14rem));
    max-height: none;
    max-width: none;
  }
  main {
    padding-bottom: var(--caption, 14rem);
  }
  .screen:has(cost-strip) {
    min-height: 42rem;
  }
  @media (max-width: 60rem) {
    .screen {
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
