/** A file as over a line of so many bytes a second. What has come once is here, and costs nothing again. */
import { covered, gapsOf, joined, lengthOf, type Ranges } from './ranges.ts';
import type { ByteSource } from './source.ts';

const PIECE = 2 ** 15;

export function throttled(
  source: ByteSource,
  bytesPerSecond: number,
  signal: AbortSignal,
  onBytes: (here: number) => void,
): ByteSource {
  let here: Ranges = [];
  let free = 0;
  return {
    bytes: source.bytes,
    here: (from, to) => covered(here, from, to),
    async read(from, to) {
      for (const [first, end] of gapsOf(here, from, to)) {
        for (let at = first; at < end; at += PIECE) {
          const next = Math.min(at + PIECE, end);
          free = Math.max(free, performance.now()) + (1000 * (next - at)) / bytesPerSecond;
          const wait = free - performance.now();
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          signal.throwIfAborted();
          here = joined(here, at, next);
          onBytes(lengthOf(here));
        }
      }
      return source.read(from, to);
    },
  };
}
