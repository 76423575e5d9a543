/** The speaker's window: drawn by the page itself, so that it knows all the page knows and needs no message to arrive. */
import { html, render } from 'lit';
import type { SceneList } from '../../state/stage/scenes.ts';
import type { Facts } from '../tour-texts.ts';
import { notesOf, notesStyles } from './notes.ts';

export interface Desk {
  readonly list: SceneList;
  readonly number: number;
  readonly time: string;
  readonly frozen: boolean;
  readonly facts: Facts;
}

const STYLES = `
  body { margin: 0; padding: 1.5rem 2rem; background: var(--paper); color: var(--ink); font: 400 1rem / 1.4 var(--figure-face); }
  .keys { margin-top: 2rem; }
`;

export class NotesWindow {
  private window: Window | null = null;
  private sheet: HTMLElement | null = null;

  constructor(private readonly onKey: (event: KeyboardEvent) => void) {}

  /** Opens the window, or brings it to the front. False when the browser does not let it. */
  open(): boolean {
    try {
      // The same name finds the window again that a reloaded page left behind.
      this.window = window.open('', 'moescope-notes', 'popup,width=760,height=620');
      if (!this.window) return false;
      this.dress(this.window);
      this.window.focus();
      return true;
    } catch {
      this.window = null;
      return false;
    }
  }

  show(desk: Desk): void {
    if (!this.window || !this.sheet || this.window.closed) return;
    const { document: paper } = this.window;
    paper.title = `Notes: ${desk.list.title}`;
    Object.assign(paper.documentElement.dataset, document.documentElement.dataset);
    render(
      html`<main class="notes" data-testid="notes-window">${notesOf(desk)}</main>
        <p class="keys">Arrow keys, Page Up and Page Down work here, too.</p>`,
      this.sheet,
    );
  }

  close(): void {
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
    sheet.replaceSync(
      [...rules.filter((rule) => /^(:root|\.moe-base|@media \(forced)/.test(rule)), notesStyles.cssText, STYLES].join(
        '\n',
      ),
    );
    paper.adoptedStyleSheets = [sheet];
    view.onkeydown = this.onKey;
  }
}
