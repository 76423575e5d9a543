/** What the page does between two texts while nobody has taken over. */

import type { Page } from '../session/page.ts';
import type { Playlist } from './playlist.ts';

export class BetweenTexts {
  /** The visitor did something, or a link asked for a text: the page begins no other by itself. */
  takenOver = false;
  private playlist: Playlist | null = null;

  constructor(private readonly session: Page) {}

  /** A text came to its end: first the block is timed, then another text follows. */
  async ended(): Promise<void> {
    await this.session.measuring.whenIdle();
    if (this.takenOver || this.session.place.guest) return;
    const { Playlist } = await import('./playlist.ts');
    this.playlist ??= new Playlist(this.session);
    this.playlist.ended();
  }

  /** What the page's own change of text changed on the wall, in words. */
  changed(): string | null {
    return this.playlist?.told() ?? null;
  }
}
