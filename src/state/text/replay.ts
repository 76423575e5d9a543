/** The recorded text: fetched once, played as often as it is asked for. */
import { fetchRecording, type Recording } from '../models/catalog.ts';
import type { Page } from '../session/page.ts';
import { turn } from '../session/turn.ts';
import type { Pacer } from './pacer.ts';

export class Replay {
  private recording: Recording | null = null;

  constructor(
    private readonly session: Page,
    private readonly pacer: Pacer,
    private readonly proceed: () => void,
    private readonly settle: () => void,
  ) {}

  /** Fetches the recording, and plays it unless something stands on the page by then. */
  async playFirst(): Promise<void> {
    if (await this.fetch()) this.play();
  }

  /** From its first token on. */
  play(): void {
    if (!this.rewind()) return;
    this.proceed();
    // With reduced motion nothing plays by itself: the whole recorded text stands there at once.
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.pacer.flush();
      this.settle();
    }
  }

  /** True once there is a recording and nothing else stands on the page. */
  private async fetch(): Promise<boolean> {
    const { session } = this;
    try {
      this.recording = await fetchRecording(session.place.recording);
      await turn();
    } catch (thrown) {
      if (session.place.recording) session.fail(thrown);
      // Without the recording the page waits for the model: the status line already says what is being loaded.
      return false;
    }
    if (session.source.get().kind !== 'none') return false;
    session.shown.play(this.recording.source);
    return true;
  }

  /** Back to its first token, which is shown; false where no recording stands. */
  private rewind(): boolean {
    const { recording, session, pacer } = this;
    if (!recording || session.source.get().kind !== 'recorded') return false;
    pacer.clear();
    session.trace.clear(recording.shape);
    pacer.push(recording.chunk);
    pacer.one();
    return true;
  }
}
