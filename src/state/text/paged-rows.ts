/** Rows of equal width, appended for as long as the text grows: in pages, so that growing never copies what is there. */
const MOST_ROWS = 128;
/** Entries of a page: a short text of a large model must not take the room of a long one. */
const MOST_ENTRIES = 1 << 18;

export class PagedRows<T extends Uint16Array | Float32Array> {
  private readonly pages: T[] = [];
  private readonly rows: number;

  constructor(
    private readonly make: new (length: number) => T,
    readonly width: number,
  ) {
    this.rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_ENTRIES / width)));
  }

  /** A view of row `at`; pages up to it come into being, filled with 0. */
  row(at: number): T {
    const page = Math.floor(at / this.rows);
    while (this.pages.length <= page) this.pages.push(new this.make(this.rows * this.width));
    const start = (at % this.rows) * this.width;
    return this.pages[page].subarray(start, start + this.width) as T;
  }

  /** One entry of a row that is there. */
  get(at: number, column: number): number {
    return this.pages[Math.floor(at / this.rows)][(at % this.rows) * this.width + column];
  }
}
