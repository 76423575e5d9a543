/** What a link offers: brought into sight, and held there while the page above it still grows, until the visitor moves. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

const MOVES = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;
/** Room for a caption above, and for the buttons that stay at the bottom of a phone. */
const MARGIN = '5rem 0 9rem';

export class Offered implements ReactiveController {
  private shown: string | null = null;
  private release = () => {};

  /**
   * @param offer what is offered now, as the link says it; null for nothing.
   * @param part where it stands.
   */
  constructor(
    host: ReactiveControllerHost,
    private readonly offer: () => string | null,
    private readonly part: () => HTMLElement | null,
  ) {
    host.addController(this);
  }

  hostUpdated(): void {
    const offer = this.offer();
    if (offer === this.shown) return;
    this.shown = offer;
    this.release();
    const part = this.part();
    if (offer !== null && part) this.hold(part);
  }

  hostDisconnected(): void {
    this.release();
  }

  private hold(part: HTMLElement): void {
    part.style.scrollMargin = MARGIN;
    const growth = new ResizeObserver(() => part.scrollIntoView({ block: 'nearest', behavior: 'instant' }));
    growth.observe(document.body);
    const release = () => {
      growth.disconnect();
      for (const move of MOVES) removeEventListener(move, release);
    };
    for (const move of MOVES) addEventListener(move, release, { passive: true });
    this.release = release;
  }
}
