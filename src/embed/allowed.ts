/** What the page around a frame may be told, and whom embed.html obeys. docs/embedding.md promises it. */

/** Origins that an address names with `allow=`; an entry that is none goes to `onWrong` and costs the others nothing. */
export function allowedOrigins(entries: readonly string[], onWrong: (entry: string) => void): string[] {
  return entries.flatMap((entry) => {
    const origin = URL.canParse(entry) ? new URL(entry).origin : 'null';
    if (origin !== 'null') return [origin];
    onWrong(entry);
    return [];
  });
}

/** Keys of a link that hold what somebody wrote. */
const WRITTEN = ['prompt', 'other'];

/**
 * A link without the texts that the visitor typed: of prompts only those stay that `given`, a link from outside, had. Whoever
 * frames the page writes its address, so `allow=` is no consent of the visitor's.
 */
export function withoutTyped(link: string, given: string): string {
  const [page, fragment = ''] = link.split(/#(.*)/s);
  const known = new URLSearchParams(given.replace(/^[^#]*#/s, ''));
  const kept = fragment.split('&').filter((pair) => {
    const [[key, value] = ['', '']] = new URLSearchParams(pair);
    return !WRITTEN.includes(key) || known.get(key) === value;
  });
  return kept.join('') ? `${page}#${kept.join('&')}` : page;
}
