/** Byte-pair merging of one word: always the pair of lowest rank, leftmost first, as llama.cpp's llm_tokenizer_bpe does. */

/** Merges by pair; the key of (left, right) is left · symbols + right. */
export interface MergeTable {
  /** How many symbols there are. */
  readonly symbols: number;
  /** How early a pair's merge was learned. */
  readonly ranks: ReadonlyMap<number, number>;
  /** What the merge of a rank makes. */
  readonly results: ArrayLike<number>;
}

function pushHeap(heap: number[], key: number): void {
  let i = heap.push(key) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[i] = heap[parent];
    i = parent;
  }
  heap[i] = key;
}

/** Takes the smallest key out of a heap that is not empty. */
function popHeap(heap: number[]): number {
  const top = heap[0];
  const last = heap.pop()!;
  const size = heap.length;
  if (size === 0) return top;
  let i = 0;
  for (let child = 1; child < size; child = 2 * i + 1) {
    if (child + 1 < size && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= last) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}

/** Merges the symbols of a word as far as the rules go. O(n log n), so that a hostile "word" of a megabyte is no trap. */
export function mergeWord(word: readonly number[], { symbols, ranks, results }: MergeTable): number[] {
  const ids = word.slice();
  const size = ids.length;
  // The symbols still there form a list; −1 marks what was merged into its left neighbour.
  const next = Int32Array.from(ids, (_, i) => i + 1);
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const rankAt = (at: number) => (next[at] < size ? ranks.get(ids[at] * symbols + ids[next[at]]) : undefined);

  /** Pairs that can merge, as rank · size + position: the smallest is the one to take. */
  const heap: number[] = [];
  const consider = (at: number) => {
    const rank = at < 0 ? undefined : rankAt(at);
    if (rank !== undefined) pushHeap(heap, rank * size + at);
  };
  for (let at = 0; at < size; at++) consider(at);
  while (heap.length > 0) {
    const key = popHeap(heap);
    const at = key % size;
    const rank = ids[at] < 0 ? undefined : rankAt(at);
    // Stale where one of the two has merged with another meanwhile.
    if (rank === undefined || rank !== (key - at) / size) continue;
    const gone = next[at];
    ids[at] = results[rank];
    ids[gone] = -1;
    next[at] = next[gone];
    if (next[at] < size) previous[next[at]] = at;
    consider(previous[at]);
    consider(at);
  }
  return ids.filter((id) => id >= 0);
}
