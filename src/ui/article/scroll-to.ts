/** What a link offers: brought into sight, and held there until the visitor moves. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { hold } from './hold.ts';

/** Room for a caption above, and for the buttons that stay at the bottom of a phone. */
const MARGIN = '7rem 0 9rem';

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
    if (offer === null || !part) return;
    part.style.scrollMargin = MARGIN;
    this.release = hold(part, 'nearest');
  }

  hostDisconnected(): void {
    this.release();
  }
}
