/** The speaker's window: drawn by the page itself, so that it knows all the page knows and needs no message to arrive. */
import { html, nothing, render } from 'lit';
import { controlStyles, controlsOf, type Desk, notesOf, notesStyles } from './notes.ts';

const STYLES = `
  body { margin: 0; padding: 1.5rem 2rem; background: var(--paper); color: var(--ink); font: 400 1rem / 1.4 var(--figure-face); }
  nav { margin-bottom: 1.5rem; }
  .keys { margin-top: 2rem; color: var(--ink-2); }
  .told { border: 2px solid var(--now); padding: 0.5rem 0.8rem; }
`;
const NAME = 'moescope-notes';

/** A reload finds the window again that it left behind. */
function remember(open: boolean): void {
  try {
    if (open) sessionStorage.setItem(NAME, '1');
    else sessionStorage.removeItem(NAME);
  } catch {
    // Denied: then the window is opened by hand again.
  }
}

export class NotesWindow {
  private window: Window | null = null;
  private sheet: HTMLElement | null = null;

  constructor(private readonly onKey: (event: KeyboardEvent) => void) {}

  /** Whether this tab left one open when it was reloaded. */
  static leftOpen(): boolean {
    try {
      return sessionStorage.getItem(NAME) !== null;
    } catch {
      return false;
    }
  }

  get isOpen(): boolean {
    return this.window !== null && !this.window.closed;
  }

  /** Opens the window, or finds the one that a reloaded page left behind. False when the browser does not let it. */
  open(): boolean {
    try {
      this.window = window.open('', NAME, 'popup,width=860,height=680');
      if (!this.window) return false;
      this.dress(this.window);
      this.window.focus();
      remember(true);
      return true;
    } catch {
      this.window = null;
      return false;
    }
  }

  show(desk: Desk): void {
    // Closed by hand, it is not to come back with a reload.
    if (this.window?.closed) this.close();
    if (!this.window || !this.sheet) return;
    const { document: paper } = this.window;
    paper.title = `Notes: ${desk.list.title}`;
    Object.assign(paper.documentElement.dataset, document.documentElement.dataset);
    render(
      html`${controlsOf(desk, true)}
        ${desk.notice ? html`<p class="told" role="status">${desk.notice} <button @click=${desk.dismiss}>Understood</button></p>` : nothing}
        <main class="notes" data-testid="notes-window">${notesOf(desk)}</main>
        <p class="keys">The keys of the talk work here, too: Space, Enter, arrows, Page Up and Page Down, B for a black screen.</p>`,
      this.sheet,
    );
  }

  close(): void {
    remember(false);
    this.window?.close();
    this.window = null;
  }

  private dress(view: Window): void {
    const { document: paper } = view;
    paper.documentElement.lang = 'en';
    // What another visit left there goes.
    this.sheet = paper.createElement('div');
    paper.body.replaceChildren(this.sheet);
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map(({ cssText }) => cssText);
    const Sheet = (view as Window & typeof globalThis).CSSStyleSheet;
    const sheet = new Sheet();
    // Of the page's own sheets the palette alone is of use here.
    const palette = rules.filter((rule) => /^(:root|\.moe-base|@media \(forced)/.test(rule));
    sheet.replaceSync([...palette, notesStyles.cssText, controlStyles.cssText, STYLES].join('\n'));
    paper.adoptedStyleSheets = [sheet];
    view.onkeydown = this.onKey;
  }
}
