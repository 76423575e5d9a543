/** Rows of equal width, appended for as long as the text grows: in pages, so that growing never copies what is there. */
const ROWS_PER_PAGE = 128;

export class PagedRows<T extends Uint16Array | Float32Array> {
  private readonly pages: T[] = [];

  constructor(
    private readonly make: new (length: number) => T,
    readonly width: number,
  ) {}

  /** A view of row `at`; pages up to it come into being, filled with 0. */
  row(at: number): T {
    const page = Math.floor(at / ROWS_PER_PAGE);
    while (this.pages.length <= page) this.pages.push(new this.make(ROWS_PER_PAGE * this.width));
    const start = (at % ROWS_PER_PAGE) * this.width;
    return this.pages[page].subarray(start, start + this.width) as T;
  }

  /** One entry of a row that is there. */
  get(at: number, column: number): number {
    return this.pages[Math.floor(at / ROWS_PER_PAGE)][(at % ROWS_PER_PAGE) * this.width + column];
  }
}
