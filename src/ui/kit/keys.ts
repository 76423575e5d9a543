/** Which keys the page may take for its own. */

/** A field, in whatever element it is; one that an extension put on the page, too. */
export function isTypedIn(target: EventTarget): boolean {
  const node = target as HTMLElement;
  return node.isContentEditable || !!node.closest?.('input, textarea, select');
}

/** Nobody has used the key, it goes with no other, and it is not typed into anything. */
export function isFree(event: KeyboardEvent): boolean {
  const { defaultPrevented, isComposing, ctrlKey, metaKey, altKey } = event;
  return !(defaultPrevented || isComposing || ctrlKey || metaKey || altKey || isTypedIn(event.composedPath()[0]));
}
