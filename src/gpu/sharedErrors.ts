/**
 * Errors that no scope caught, told to the share of the device that made them. The device itself tells everybody: so as soon
 * as there are several shares, each of their calls gets a scope of its own, and only what one share did alone comes as it is.
 */
const KINDS = ['validation', 'out-of-memory', 'internal'] as const;

type Told = Pick<GPUDevice, 'addEventListener' | 'removeEventListener' | 'pushErrorScope' | 'popErrorScope'>;

interface Member extends Told {
  /** Makes a call that may be refused. */
  scoped<T>(call: () => T): T;
  leave(): void;
}

export class SharedErrors {
  private shares = 0;
  /** The share that was alone last: what the device tells of its own accord is of its calls. */
  private alone: EventTarget | null = null;
  private watched = false;

  /** Of a new share of the device. */
  join(device: GPUDevice): Member {
    const mine = new EventTarget();
    /** Scopes that the share itself has opened, and that are to catch what they were opened for. */
    let open = 0;
    let here = true;
    this.watch(device);
    if (this.shares++ === 0) this.alone = mine;

    const scoped = <T>(call: () => T): T => {
      if (open > 0 || (this.shares === 1 && this.alone === mine)) return call();
      for (const kind of KINDS) device.pushErrorScope(kind);
      try {
        return call();
      } finally {
        for (const _ of KINDS) {
          device.popErrorScope().then(
            (error) => error && tell(mine, error),
            () => {}, // A device that was lost: whoever waits for it is told elsewhere.
          );
        }
      }
    };
    return {
      scoped,
      leave: () => {
        if (here) this.shares--;
        here = false;
      },
      addEventListener: mine.addEventListener.bind(mine) as GPUDevice['addEventListener'],
      removeEventListener: mine.removeEventListener.bind(mine) as GPUDevice['removeEventListener'],
      pushErrorScope: (kind) => {
        open++;
        return device.pushErrorScope(kind);
      },
      popErrorScope: () => {
        open--;
        return device.popErrorScope();
      },
    };
  }

  private watch(device: GPUDevice): void {
    if (this.watched) return;
    this.watched = true;
    device.addEventListener('uncapturederror', (event) => {
      if (this.alone && !tell(this.alone, event.error)) event.preventDefault();
    });
  }
}

/** False when a listener has taken it upon itself. */
function tell(share: EventTarget, error: GPUError): boolean {
  return share.dispatchEvent(Object.assign(new Event('uncapturederror', { cancelable: true }), { error }));
}
