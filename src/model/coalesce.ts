/** Reads that are asked for together become as few as they can: one connection for what lies side by side. */
import type { ByteSource } from './source.ts';

/** No read becomes larger by being joined. */
const MOST = 2 ** 23;

interface Wish {
  readonly from: number;
  readonly to: number;
  readonly take: (part: Promise<Uint8Array>) => void;
}

/** The same source; reads of one turn that touch are one, and what is on its way already is not asked for again. */
export function coalesced(source: ByteSource): ByteSource {
  let wishes: Wish[] = [];
  const onTheWay = new Set<{ readonly from: number; readonly to: number; readonly part: Promise<Uint8Array> }>();

  function ask(from: number, to: number): Promise<Uint8Array> {
    const coming = [...onTheWay].find((each) => each.from <= from && to <= each.to);
    if (coming) return coming.part.then((part) => part.subarray(from - coming.from, to - coming.from));
    const read = { from, to, part: source.read(from, to) };
    onTheWay.add(read);
    const done = () => void onTheWay.delete(read);
    read.part.then(done, done);
    return read.part;
  }

  function askAll(): void {
    const sorted = wishes.sort((a, b) => a.from - b.from || a.to - b.to);
    wishes = [];
    for (let i = 0; i < sorted.length; ) {
      const { from } = sorted[i];
      let [to, end] = [sorted[i].to, i + 1];
      while (end < sorted.length && sorted[end].from <= to && Math.max(to, sorted[end].to) - from <= MOST)
        to = Math.max(to, sorted[end++].to);
      const whole = ask(from, to);
      for (const wish of sorted.slice(i, end))
        wish.take(whole.then((part) => part.subarray(wish.from - from, wish.to - from)));
      i = end;
    }
  }

  return {
    bytes: source.bytes,
    here: source.here,
    read: (from, to) =>
      new Promise((resolve) => {
        if (wishes.length === 0) queueMicrotask(askAll);
        wishes.push({ from, to, take: resolve });
      }),
  };
}
