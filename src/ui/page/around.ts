/** Keeps a frame around a part of the page, also of a page that reflows. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { reducedMotion } from '../kit/frame.ts';

const FOLLOW_MILLISECONDS = 250;
/** Of the part, that are in sight where it is seen. */
const LEAST_PIXELS = 40;
/** How a visitor goes elsewhere. */
const GOES = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

export class Around implements ReactiveController {
  /** Where the frame stands, as a style. */
  style = 'display:none';
  private timer: ReturnType<typeof setInterval> | undefined;
  /** How the part is to come into sight; null once it is there, or the visitor has gone elsewhere. */
  private wanted: ScrollLogicalPosition | null = null;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly target: () => HTMLElement | null,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = setInterval(this.look, FOLLOW_MILLISECONDS);
    addEventListener('scroll', this.follow, { passive: true });
    addEventListener('resize', this.follow);
    for (const kind of GOES) addEventListener(kind, this.leave, { passive: true });
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
    removeEventListener('scroll', this.follow);
    removeEventListener('resize', this.follow);
    for (const kind of GOES) removeEventListener(kind, this.leave);
  }

  /** Brings the part into sight, as soon as it is there. */
  show(block: ScrollLogicalPosition): void {
    this.wanted = block;
    this.bring();
    this.follow();
  }

  private bring(): void {
    if (!this.wanted) return;
    this.target()?.scrollIntoView({ block: this.wanted, behavior: reducedMotion() ? 'instant' : 'smooth' });
  }

  private leave = (): void => {
    this.wanted = null;
  };

  /** A part whose code comes late, or that what came late has moved away, is brought once it rests. */
  private look = (): void => {
    const before = this.style;
    this.follow();
    if (!this.wanted || before !== this.style || before === 'display:none') return;
    const { top, bottom } = this.target()!.getBoundingClientRect();
    if (bottom < LEAST_PIXELS || top > innerHeight - LEAST_PIXELS) this.bring();
    else this.wanted = null;
  };

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
