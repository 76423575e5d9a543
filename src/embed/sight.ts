/** Whether an element can be seen: on the screen, in a tab that is in front. */
export class Sight {
  private near = false;
  /** The document the element is in, which may change. */
  private page = document;
  private readonly observer: IntersectionObserver;

  constructor(
    private readonly host: Element,
    private readonly onChange: (seen: boolean) => void,
  ) {
    this.observer = new IntersectionObserver(
      ([...entries]) => {
        this.near = entries.at(-1)?.isIntersecting ?? false;
        this.tell();
      },
      // A little before it comes on the screen.
      { rootMargin: '100px' },
    );
  }

  watch(): void {
    this.observer.observe(this.host);
    this.page = this.host.ownerDocument;
    this.page.addEventListener('visibilitychange', this.tell);
  }

  leave(): void {
    this.observer.disconnect();
    this.page.removeEventListener('visibilitychange', this.tell);
    this.near = false;
    this.tell();
  }

  private tell = (): void => this.onChange(this.near && !this.page.hidden);
}
