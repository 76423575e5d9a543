/**
 * Keys that the element uses do not leave it: a deck would turn its slide, a site would open its search. Seen from outside the
 * target is `<moe-scope>`, so that a page which spares text fields cannot know that one is meant.
 */
const PRESSED = /^( |Enter)$/;
/** Keys that a choice of one among several uses, letters apart. */
const CHOSEN = /^(Arrow\w+|Home|End|Page\w+| |Enter|.)$/;
/** What is never typed: the page's own ways out. */
const NEVER_TYPED = /^(Tab|Escape|F\d+)$/;
const EDITED = /^[acvxyz]$/i;
const FIELD = 'textarea, input:not([type=checkbox], [type=radio], [type=range], [type=button])';

function isTyped({ key, ctrlKey, metaKey, altKey, isComposing }: KeyboardEvent): boolean {
  if (isComposing) return true;
  if (NEVER_TYPED.test(key)) return false;
  // With Alt, letters of many keyboards are typed; with Ctrl or ⌘ alone the page may have its shortcuts, but for editing.
  return !(ctrlKey || metaKey) || altKey || key.length > 1 || EDITED.test(key);
}

function isUsed(event: KeyboardEvent, target: Element): boolean {
  if (event.defaultPrevented) return true;
  if (target.matches(FIELD)) return isTyped(event);
  const { key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return false;
  if (target.matches('select, input')) return CHOSEN.test(key);
  if (target.closest('a[href]')) return key === 'Enter';
  return target.closest('button, summary, [role=button]') !== null && PRESSED.test(key);
}

/** What the author put into an element is the author's. */
const isSlotted = (path: readonly EventTarget[], host: Element) =>
  path.some((node) => (node as Node).parentNode === host);

/** Keeps to itself what `host`, with its shadow root, uses. */
export function keepKeys(host: Element, root: ShadowRoot): void {
  /** Keys that went down here: what follows belongs to them. */
  const held = new Set<string>();
  const inside = (event: Event): Element | null => {
    const path = event.composedPath();
    return isSlotted(path, host) ? null : (path[0] as Element);
  };
  root.addEventListener('keydown', (each) => {
    const event = each as KeyboardEvent;
    const target = inside(event);
    if (!target || !isUsed(event, target)) return;
    held.add(event.code);
    event.stopPropagation();
  });
  for (const type of ['keypress', 'keyup'] as const) {
    root.addEventListener(type, (each) => {
      const event = each as KeyboardEvent;
      if (held.has(event.code)) event.stopPropagation();
      if (type === 'keyup') held.delete(event.code);
    });
  }
  for (const type of ['copy', 'cut', 'paste', 'beforeinput', 'input'] as const) {
    root.addEventListener(type, (event) => {
      if (inside(event)?.matches(FIELD)) event.stopPropagation();
    });
  }
}
