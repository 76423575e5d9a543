/** Keeps a booth's visitors on the page, its screen awake and full, and listens to its knobs. */
import { type Turn, turnOfMidi, turnsOfPad } from '../../state/stage/knobs.ts';

const ways = (event: Event) => event.composedPath().filter((node): node is Element => node instanceof Element);

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A link out of the page does nothing; neither does a field for files, nor a link that would open a window. */
function stopLeaving(event: Event): void {
  const out = ways(event).some((node) => {
    if (node instanceof HTMLAnchorElement) {
      return !node.getAttribute('href')?.startsWith('#') || event.type === 'auxclick';
    }
    return node instanceof HTMLInputElement && node.type === 'file';
  });
  if (out) stop(event);
}

const TAKEN_AWAY = ['contextmenu', 'dragstart', 'dragover', 'drop', 'paste'];
const GESTURES = ['pointerdown', 'keydown', 'wheel', 'touchstart'];

export class BoothGuard {
  private readonly over = new AbortController();
  private awake: WakeLockSentinel | null = null;
  private gestured = false;
  private frame = 0;
  private pressed: readonly boolean[] = [];

  /** @param midi Ask for the knobs, at the first gesture. */
  constructor(
    private readonly onGesture: () => void,
    private readonly onTurn: (turn: Turn) => void,
    private readonly midi: boolean,
  ) {
    const options = { capture: true, passive: false, signal: this.over.signal };
    for (const type of TAKEN_AWAY) addEventListener(type, stop, options);
    for (const type of ['click', 'auxclick']) addEventListener(type, stopLeaving, options);
    for (const type of GESTURES) addEventListener(type, this.gesture, { ...options, passive: true });
    document.addEventListener('visibilitychange', () => void this.stayAwake(), { signal: this.over.signal });
    addEventListener('gamepadconnected', this.poll, { signal: this.over.signal });
    void this.stayAwake();
  }

  close(): void {
    this.over.abort();
    cancelAnimationFrame(this.frame);
    void this.awake?.release();
  }

  private gesture = (): void => {
    this.first();
    this.onGesture();
  };

  private first(): void {
    if (!document.fullscreenElement) void document.documentElement.requestFullscreen?.().catch(() => {});
    if (this.gestured) return;
    this.gestured = true;
    void this.stayAwake();
    if (this.midi) void this.listen();
  }

  /** The browser gives the lock back whenever the page is hidden. */
  private async stayAwake(): Promise<void> {
    if (document.hidden || (this.awake && !this.awake.released)) return;
    try {
      this.awake = (await navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      // Low battery, or not allowed in this frame: the booth's own settings have to do.
    }
  }

  private async listen(): Promise<void> {
    try {
      const access = await navigator.requestMIDIAccess?.();
      const attach = () => {
        for (const input of access?.inputs.values() ?? []) {
          input.onmidimessage = ({ data }) => this.turn(data ? turnOfMidi(data) : null);
        }
      };
      if (access) access.onstatechange = attach;
      attach();
    } catch {
      // Not allowed: the page works without.
    }
  }

  private poll = (): void => {
    cancelAnimationFrame(this.frame);
    if (this.over.signal.aborted) return;
    const pad = navigator.getGamepads?.().find((each) => each?.connected);
    if (!pad) return;
    const now = pad.buttons.map(({ pressed }) => pressed);
    for (const turn of turnsOfPad(this.pressed, now)) this.turn(turn);
    this.pressed = now;
    this.frame = requestAnimationFrame(this.poll);
  };

  private turn(turn: Turn | null): void {
    if (!turn) return;
    this.onGesture();
    this.onTurn(turn);
  }
}
