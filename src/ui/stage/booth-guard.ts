/** Keeps a booth's visitors on the page, its screen awake and full, and listens to its knobs. */
import { type Turn, turnOfMidi, turnsOfPad } from '../../state/stage/knobs.ts';
import { WholeScreen } from './whole-screen.ts';

const ways = (event: Event) => event.composedPath().filter((node): node is Element => node instanceof Element);

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

const within = (link: HTMLAnchorElement) => link.getAttribute('href')?.startsWith('#') ?? false;

/** A link out of the page does nothing; neither does a field for files, nor a link that would open a window or save a file. */
function stopLeaving(event: Event): void {
  const { button, ctrlKey, metaKey, shiftKey, altKey } = event as MouseEvent;
  const elsewhere = button !== 0 || ctrlKey || metaKey || shiftKey || altKey;
  const out = ways(event).some((node) => {
    if (node instanceof HTMLAnchorElement) return elsewhere || !within(node) || node.target !== '';
    return node instanceof HTMLInputElement && node.type === 'file';
  });
  if (out) stop(event);
}

/** The ways of mouse and keyboard through the history. */
function stopTravelling(event: Event): void {
  const { button } = event as MouseEvent;
  if (button === 3 || button === 4) stop(event);
  const { key, altKey } = event as KeyboardEvent;
  if (key?.startsWith('Browser') || (altKey && /^Arrow(Left|Right)$/.test(key))) event.preventDefault();
}

const TAKEN_AWAY = ['contextmenu', 'dragstart', 'dragover', 'drop', 'paste'];
const GESTURES = ['pointerdown', 'keydown', 'wheel', 'touchstart'];

export interface Doings {
  /** Somebody touched something. */
  touch(): void;
  /** The pointer moved. */
  stir(): void;
  turn(turn: Turn): void;
  /** A link within the page is to be followed. */
  follow(reference: string): void;
  /** The page as it stands, as a reference within it. */
  here(): string;
}

export class BoothGuard {
  private readonly over = new AbortController();
  private readonly screen = new WholeScreen();
  private gestured = false;
  private frame = 0;
  private pressed: readonly boolean[] = [];

  /** @param midi Ask for the knobs, at the first gesture. */
  constructor(
    private readonly doings: Doings,
    private readonly midi: boolean,
  ) {
    const options = { capture: true, passive: false, signal: this.over.signal };
    for (const type of TAKEN_AWAY) addEventListener(type, stop, options);
    for (const type of ['click', 'auxclick']) addEventListener(type, stopLeaving, options);
    for (const type of ['keydown', 'mousedown', 'mouseup']) addEventListener(type, stopTravelling, options);
    addEventListener('click', this.follow, { signal: this.over.signal });
    addEventListener('popstate', this.stay, { signal: this.over.signal });
    addEventListener('pointermove', this.move, { ...options, passive: true });
    for (const type of GESTURES) addEventListener(type, this.gesture, { ...options, passive: true });
    addEventListener('gamepadconnected', this.poll, { signal: this.over.signal });
    // One that was pressed before the booth began is not told of again.
    this.poll();
  }

  close(): void {
    this.over.abort();
    cancelAnimationFrame(this.frame);
    this.screen.close();
  }

  private gesture = (): void => {
    this.first();
    this.doings.touch();
  };

  /** Browsers tell of a still pointer, too, when something else moves under it. */
  private move = ({ movementX, movementY }: PointerEvent): void => {
    if (movementX || movementY) this.doings.stir();
  };

  /** In place, without an entry in the history. */
  private follow = (event: MouseEvent): void => {
    const link = ways(event).find((node) => node instanceof HTMLAnchorElement);
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    this.doings.follow(link.getAttribute('href')!);
  };

  /** Whoever went back is still here, finds all as it was, and can go back again. */
  private stay = (): void => {
    try {
      history.pushState(null, '', this.doings.here());
      // The address of the entry before is not followed; this tells the page of the new one.
      dispatchEvent(new HashChangeEvent('hashchange'));
    } catch {
      // Too often.
    }
  };

  private first(): void {
    this.screen.fill();
    if (this.gestured) return;
    this.gestured = true;
    // An entry for the browser to go back to.
    history.pushState(null, '');
    void this.screen.stayAwake();
    if (this.midi) void this.listen();
  }

  private async listen(): Promise<void> {
    try {
      const access = await navigator.requestMIDIAccess?.();
      const { signal } = this.over;
      if (!access || signal.aborted) return;
      const attach = (listener: MIDIInput['onmidimessage']) => {
        for (const input of access.inputs.values()) input.onmidimessage = listener;
      };
      const hear: MIDIInput['onmidimessage'] = ({ data }) => this.turn(data ? turnOfMidi(data) : null);
      access.onstatechange = () => attach(hear);
      attach(hear);
      signal.addEventListener('abort', () => {
        access.onstatechange = null;
        attach(null);
      });
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
    if (turn) this.doings.turn(turn);
  }
}
