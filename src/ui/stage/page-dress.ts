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

/** A booth stands upright or lies, is touched, and is read from a step away: everything at once, without scrolling. */
const boothWhole = css`
  :root {
    font-size: clamp(100%, min(0.95vw, 1.65vh), 250%);
  }
  @media (orientation: portrait) {
    :root {
      font-size: clamp(100%, min(1.75vw, 1.05vh), 250%);
    }
  }
`;

const boothPage = css`
  main {
    padding-bottom: var(--caption, 0px);
  }
  @media (min-width: 46.01rem) {
    .screen {
      display: grid;
      grid-template:
        'head head' auto 'lede lede' auto 'status status' auto 'write see' minmax(16rem, 1fr) 'cost see' auto 'turn turn' auto
        / minmax(0, 10fr) minmax(0, 14fr);
      height: max(100dvh - var(--caption, 0px), 46rem);
      max-width: none;
    }
    .write,
    .see {
      display: flex;
      min-height: 0;
    }
    .see {
      margin: 0;
      border-top: 0;
    }
    .see,
    cost-strip {
      border-bottom: 1px solid var(--rule);
    }
    cost-strip {
      padding-right: 1.75rem;
      border-right: 1px solid var(--rule);
      border-top-color: var(--rule);
    }
    prompt-form {
      border-top: 0;
    }
    moe-text {
      flex: 1;
      height: auto;
      min-height: 0;
    }
    expert-wall {
      flex: 1 1 8rem;
      --wall-least: 8rem;
    }
  }
  @media (min-width: 46.01rem) and (orientation: portrait) {
    .screen {
      grid-template:
        'head' auto 'lede' auto 'status' auto 'write' minmax(14rem, 1fr) 'see' minmax(20rem, 1.4fr) 'cost' auto 'turn' auto
        / minmax(0, 1fr);
      height: max(100dvh - var(--caption, 0px), 70rem);
    }
    .write {
      padding-right: 0;
      border-right: 0;
    }
    cost-strip {
      padding-right: 0;
      border-right: 0;
    }
    .see {
      padding-left: 0;
      border-top: 1px solid var(--rule);
    }
  }
`;

const away = css`
  main,
  .skip {
    display: none;
  }
`;

/** Takes the page away for as long as a picture fills the screen: nothing behind it is drawn, or found by the keyboard. */
export class PageAway implements ReactiveController {
  private root: ShadowRoot | null = null;

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostConnected(): void {
    let root = this.host.getRootNode();
    while (root instanceof ShadowRoot && !root.querySelector('main')) root = root.host.getRootNode();
    this.root = root instanceof ShadowRoot ? root : null;
    this.root?.adoptedStyleSheets.push(away.styleSheet!);
  }

  hostDisconnected(): void {
    if (this.root) without(this.root, away.styleSheet!);
  }
}

const without = (from: DocumentOrShadowRoot, sheet: CSSStyleSheet) => {
  from.adoptedStyleSheets = from.adoptedStyleSheets.filter((each) => each !== sheet);
};

export class PageDress implements ReactiveController {
  private root: ShadowRoot | null = null;
  private readonly sheets: readonly [whole: CSSStyleSheet, page: CSSStyleSheet];

  constructor(
    private readonly host: LitElement,
    isBooth: boolean,
  ) {
    host.addController(this);
    this.sheets = isBooth ? [boothWhole.styleSheet!, boothPage.styleSheet!] : [whole.styleSheet!, page.styleSheet!];
  }

  hostConnected(): void {
    let root = this.host.getRootNode();
    while (root instanceof ShadowRoot && !root.querySelector('main')) root = root.host.getRootNode();
    this.root = root instanceof ShadowRoot ? root : null;
    this.root?.adoptedStyleSheets.push(this.sheets[1]);
    document.adoptedStyleSheets.push(this.sheets[0]);
  }

  hostDisconnected(): void {
    if (this.root) without(this.root, this.sheets[1]);
    without(document, this.sheets[0]);
    document.documentElement.style.removeProperty('--caption');
  }
}
