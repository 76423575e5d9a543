/** The colours of page.css as a canvas can use them: custom properties resolved for the theme in force. */
export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly paper: string;
  readonly rule: string;
  readonly now: string;
  readonly nowSoft: string;
  readonly onNow: string;
  /** Load from 0 to 1 in 64 steps. */
  readonly load: readonly string[];
  readonly hues: readonly string[];
  readonly figureFace: string;
}

const STEPS = 64;

/** `host` must be connected: the probe takes the theme of the place where it stands. */
export function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  (host.shadowRoot ?? host).append(probe);
  const resolve = (color: string) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const read = (name: string) => resolve(`var(--${name})`);
  const load = Array.from({ length: STEPS }, (_, step) => {
    const most = (step / (STEPS - 1)) * 100;
    return resolve(`color-mix(in oklch, var(--load-1) ${most}%, var(--load-0))`);
  });
  const palette: Palette = {
    ink: read('ink'),
    ink2: read('ink-2'),
    paper: read('paper'),
    rule: read('rule'),
    now: read('now'),
    nowSoft: read('now-soft'),
    onNow: read('on-now'),
    load,
    hues: Array.from({ length: 8 }, (_, i) => read(`hue-${i}`)),
    figureFace: getComputedStyle(host).fontFamily,
  };
  probe.remove();
  return palette;
}

export function loadStep(share: number): number {
  return Math.max(0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1))));
}
