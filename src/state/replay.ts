/** The recorded text: fetched once, played as often as it is asked for. */
import { fetchRecording, type Recording } from './catalog.ts';
import type { Pacer } from './pacer.ts';
import type { Session } from './session.ts';
import { turn } from './turn.ts';

export class Replay {
  private recording: Recording | null = null;

  constructor(
    private readonly session: Session,
    private readonly pacer: Pacer,
  ) {}

  /** True once there is a recording and nothing else stands on the page. */
  async fetch(): Promise<boolean> {
    const { session } = this;
    try {
      this.recording = await fetchRecording();
      await turn();
    } catch {
      // Without the recording the page waits for the model: the status line already says what is being loaded.
      return false;
    }
    if (session.source.get().kind !== 'none') return false;
    session.source.set(this.recording.source);
    return true;
  }

  /** Back to its first token, which is shown; false where no recording stands. */
  rewind(): boolean {
    const { recording, session, pacer } = this;
    if (!recording || session.source.get().kind !== 'recorded') return false;
    pacer.clear();
    session.trace.clear(recording.shape);
    pacer.push(recording.chunk);
    pacer.one();
    return true;
  }
}
