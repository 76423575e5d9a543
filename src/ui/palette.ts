/** The colours of page.css as a canvas can use them: custom properties resolved for the theme in force. */
export interface Palette {
  readonly ink: string;
  readonly ink2: string;
  readonly paper: string;
  readonly rule: string;
  readonly now: string;
  readonly nowSoft: string;
  readonly onNow: string;
  /** Load from 0 to 1 in 64 steps, and the ink that reads on each. */
  readonly load: readonly string[];
  readonly onLoad: readonly string[];
  readonly hues: readonly string[];
  readonly figureFace: string;
}

const STEPS = 64;

interface Lch {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

function lch(color: string): Lch {
  const [l, c, h] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return { l, c, h };
}

/** `host` must be connected: the probe takes the theme of the place where it stands. */
export function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  (host.shadowRoot ?? host).append(probe);
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const from = lch(read('load-0'));
  const to = lch(read('load-1'));
  const ink = read('ink');
  const paper = read('paper');
  const lightOnTop = lch(paper).l > lch(ink).l ? paper : ink;
  const darkOnTop = lightOnTop === paper ? ink : paper;
  const load: string[] = [];
  const onLoad: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const x = step / (STEPS - 1);
    const l = from.l + (to.l - from.l) * x;
    load.push(`oklch(${l} ${from.c + (to.c - from.c) * x} ${from.h + (to.h - from.h) * x})`);
    onLoad.push(l > 0.62 ? darkOnTop : lightOnTop);
  }
  const palette: Palette = {
    ink,
    ink2: read('ink-2'),
    paper,
    rule: read('rule'),
    now: read('now'),
    nowSoft: read('now-soft'),
    onNow: read('on-now'),
    load,
    onLoad,
    hues: Array.from({ length: 8 }, (_, i) => read(`hue-${i}`)),
    figureFace: getComputedStyle(host).fontFamily,
  };
  probe.remove();
  return palette;
}

export function loadStep(share: number): number {
  return Math.max(0, Math.min(STEPS - 1, Math.round(share * (STEPS - 1))));
}
