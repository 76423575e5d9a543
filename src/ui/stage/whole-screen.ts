/** The whole screen, kept awake, for as long as a talk or a booth goes on. */
export class WholeScreen {
  private readonly over = new AbortController();
  private awake: WakeLockSentinel | null = null;

  constructor() {
    document.addEventListener('visibilitychange', () => void this.stayAwake(), { signal: this.over.signal });
    void this.stayAwake();
  }

  /** Browsers allow it in answer to a gesture alone. */
  fill(): void {
    if (!document.fullscreenElement) void document.documentElement.requestFullscreen?.().catch(() => {});
  }

  /** Gives the screen back. */
  close(): void {
    this.over.abort();
    void this.awake?.release();
    if (document.fullscreenElement) void document.exitFullscreen?.().catch(() => {});
  }

  /** The browser takes the lock back whenever the page is hidden. */
  async stayAwake(): Promise<void> {
    const isHeld = () => this.awake !== null && !this.awake.released;
    if (document.hidden || isHeld()) return;
    try {
      const lock = (await navigator.wakeLock?.request('screen')) ?? null;
      // Meanwhile another may have come, or the stage been left.
      if (this.over.signal.aborted || isHeld()) void lock?.release();
      else this.awake = lock;
    } catch {
      // Low battery, or not allowed in this frame: the machine's own settings have to do.
    }
  }
}
