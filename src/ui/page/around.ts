/** Keeps a frame around a part of the page, also of a page that reflows. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { reducedMotion } from '../kit/frame.ts';

const FOLLOW_MILLISECONDS = 250;

export class Around implements ReactiveController {
  /** Where the frame stands, as a style. */
  style = 'display:none';
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly target: () => HTMLElement | null,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = setInterval(this.follow, FOLLOW_MILLISECONDS);
    addEventListener('scroll', this.follow, { passive: true });
    addEventListener('resize', this.follow);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
    removeEventListener('scroll', this.follow);
    removeEventListener('resize', this.follow);
  }

  /** Brings the part into sight. */
  show(block: ScrollLogicalPosition): void {
    this.target()?.scrollIntoView({ block, behavior: reducedMotion() ? 'instant' : 'smooth' });
    this.follow();
  }

  private follow = (): void => {
    const box = this.target()?.getBoundingClientRect();
    const there = box && box.width > 0 && box.height > 0;
    const style = there
      ? `left:${box.left - 6}px;top:${box.top - 4}px;width:${box.width + 12}px;height:${box.height + 8}px`
      : 'display:none';
    if (style === this.style) return;
    this.style = style;
    this.host.requestUpdate();
  };
}
