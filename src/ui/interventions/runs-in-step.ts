/** Two texts in rows: token i of both is in the same row, so that one looks across and sees whether they still agree. */

/** Written tokens [from, to) of both. */
export interface Row {
  readonly from: number;
  readonly to: number;
}

const beginsWord = (text: string | undefined): number => (text === undefined || /^\s/.test(text) ? 1 : 0);

/**
 * Rows of at most `most` characters in either text. A row ends where words begin in both if it can, else in one of them, but not
 * before it is half full.
 */
export function rowsOf(a: readonly string[], b: readonly string[], most: number): Row[] {
  const rows: Row[] = [];
  const length = Math.max(a.length, b.length);
  for (let from = 0; from < length; ) {
    let [to, best, wide] = [from, from, 0];
    const widths = [0, 0];
    for (; to < length; to++) {
      widths[0] += a[to]?.length ?? 0;
      widths[1] += b[to]?.length ?? 0;
      if (to > from && Math.max(...widths) > most) break;
      wide = Math.max(...widths);
      const words = (at: number) => beginsWord(a[at]) + beginsWord(b[at]);
      if (wide > most / 2 && words(to + 1) >= (best > from ? words(best) : 1)) best = to + 1;
    }
    const end = to === length || best === from ? to : best;
    rows.push({ from, to: end });
    from = end;
  }
  return rows;
}
