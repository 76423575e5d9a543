/**
 * Style sheets that go along into another document: a constructed one belongs to the document it was made in, and an element
 * may be moved into a frame or into a window of its own.
 */
import { type CSSResultOrNative, ReactiveElement } from 'lit';

const made = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/** Dresses `root` in `styles`, made for the document it is in. */
export function wear(root: ShadowRoot, styles: readonly string[]): void {
  const { ownerDocument: page } = root;
  const { defaultView } = page;
  // Without a window nothing is drawn.
  if (!defaultView) return;
  const sheets = made.get(page) ?? new Map<string, CSSStyleSheet>();
  made.set(page, sheets);
  root.adoptedStyleSheets = styles.map((css) => {
    let sheet = sheets.get(css);
    if (!sheet) {
      sheet = new (defaultView as typeof globalThis & Window).CSSStyleSheet();
      sheet.replaceSync(css);
      sheets.set(css, sheet);
    }
    return sheet;
  });
}

const textOf = (style: CSSResultOrNative): string =>
  'cssText' in style ? style.cssText : [...style.cssRules].map(({ cssText }) => cssText).join('');

/** Lit makes each sheet once, in the document of its script; the elements inside ask here instead. */
Object.assign(ReactiveElement.prototype, {
  createRenderRoot(this: ReactiveElement) {
    const { elementStyles, shadowRootOptions } = this.constructor as typeof ReactiveElement;
    const root = this.shadowRoot ?? this.attachShadow(shadowRootOptions);
    wear(root, elementStyles.map(textOf));
    return root;
  },
});
